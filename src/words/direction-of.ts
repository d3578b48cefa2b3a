/** Which way a language (BCP 47) is written: by its script where the tag names one, `ks-Arab`, otherwise as usual. */
export function directionOf(lang: string): 'ltr' | 'rtl' {
  const script = /-([a-z]{4})(?:-|$)/i.exec(lang)?.[1]?.toLowerCase();
  if (script) return /^(?:arab|hebr|syrc|thaa|nkoo|adlm)$/.test(script) ? 'rtl' : 'ltr';
  return /^(?:ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)(?:-|$)/i.test(lang) ? 'rtl' : 'ltr';
}
