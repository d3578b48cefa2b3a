/**
 * A key and a certificate for localhost that no authority signed, valid for a hundred years: what a mail server shows
 * whose certificate must not be trusted. Made for these tests; nothing else knows the key.
 */
export const testCertificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaJ6uI6pB9X8XlUCx
lO95FkO/aHXNeFg1ZyIXNPxYzDihRANCAATkazGdYE4Qzi7K1cmqiXjE2idR9cQh
VklwgS02Do+Plcm6W7MG9HF9K9H5wwEmwZkfXmW+cHoObUPWlt1BeZxB
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUTnc0W3e8j+f9bi0IaI9PMubc3I0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTAxMTA1NVoYDzIxMjYxMTAx
MDExMDU1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATkazGdYE4Qzi7K1cmqiXjE2idR9cQhVklwgS02Do+Plcm6W7MG9HF9
K9H5wwEmwZkfXmW+cHoObUPWlt1BeZxBo28wbTAdBgNVHQ4EFgQU6vyPLjJzDtAN
wYQtjPPtOSP5WNwwHwYDVR0jBBgwFoAU6vyPLjJzDtANwYQtjPPtOSP5WNwwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgUKQYbIqNXsQtSAF115I7y2tC220hmLbp8Oxm6GG4G6MCIQCL
GjA47ZUInEAJgOYv/0Mc7fMXXjaAzs0PwOlFlW0i9g==
-----END CERTIFICATE-----
`,
};
