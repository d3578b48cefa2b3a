// Keeps an open page up to date: listens for saves, fetches the page again and exchanges only what has changed, so that
// scroll, focus and the mail's own scroll position stay. Without this script every link still works.

const REGIONS = ['issues', 'faults', 'line', 'toolbar', 'pane', 'answer', 'findings'];
const gone = document.getElementById('gone');
let version = document.body.dataset.version;
let latest = 0;

/** Shows the page at `url`; an answer that a newer question has overtaken is dropped. */
async function show(url, request = {}) {
  latest += 1;
  const mine = latest;
  const response = await fetch(url, request);
  const text = await response.text();
  // What was asked for by a button is shown also when a save came in between.
  if (mine !== latest && request.method !== 'POST') return;
  const next = new DOMParser().parseFromString(text, 'text/html');
  if (!next.body.dataset.version) throw new Error(text);
  version = next.body.dataset.version;
  document.title = next.title;
  for (const id of REGIONS) await exchange(document.getElementById(id), next.getElementById(id));
}

async function exchange(old, fresh) {
  if (!old || !fresh) {
    if (old) old.replaceChildren();
    else if (fresh) place(fresh);
    return;
  }
  const frames = [...old.querySelectorAll('iframe')];
  const fresher = [...fresh.querySelectorAll('iframe')];
  if (frames.length > 0 && frames.length === fresher.length) {
    old.querySelector('.sheets').className = fresh.querySelector('.sheets').className;
    await Promise.all(frames.map((frame, index) => exchangeMail(frame, fresher[index])));
    return;
  }
  if (old.outerHTML === fresh.outerHTML) return;
  // An answer stays until the next one: a save, or the test that comes in, brings a page without.
  if (old.id === 'answer' && fresh.textContent.trim() === '') return;
  const focused = old.contains(document.activeElement) ? pathOf(document.activeElement) : null;
  const typed = focused ? document.activeElement.value : '';
  const { scrollTop } = old;
  const open = [...old.querySelectorAll('details')].map((one) => one.open);
  if (old.id !== 'toolbar')
    for (const [index, one] of fresh.querySelectorAll('details').entries())
      one.open = open[index] ?? one.open;
  old.replaceWith(document.adoptNode(fresh));
  fresh.scrollTop = scrollTop;
  const again = focused && fresh.querySelector(focused);
  again?.focus({ preventScroll: true });
  // Somebody is typing there: what they typed stays, and the caret behind it.
  if (again?.matches('input')) {
    again.value = typed;
    if (again.type === 'search') again.setSelectionRange(typed.length, typed.length);
  }
  listen(fresh);
}

/** A region that was not there: it stands before the next region that is. */
function place(fresh) {
  const main = document.querySelector('main');
  if (fresh.id === 'findings') main.after(document.adoptNode(fresh));
  else main.insertBefore(document.adoptNode(fresh), document.getElementById('pane'));
}

/** Puts a new mail into the frame that is there. Loading it anew would flash, and begin at the top. */
async function exchangeMail(frame, fresh) {
  const src = fresh.getAttribute('src');
  frame.title = fresh.title;
  frame.parentElement.className = fresh.parentElement.className;
  for (const name of ['width', 'class'])
    if (fresh.hasAttribute(name)) frame.setAttribute(name, fresh.getAttribute(name));
    else frame.removeAttribute(name);
  const shown = frame.dataset.src ?? frame.getAttribute('src');
  if (shown === src && frame.dataset.mark === fresh.dataset.mark) return;
  frame.dataset.src = src;
  frame.dataset.mark = fresh.dataset.mark;
  const text = await (await fetch(src)).text();
  const old = frame.contentDocument;
  if (!old?.documentElement) {
    frame.src = src;
    return;
  }
  const top = old.scrollingElement?.scrollTop ?? 0;
  const same = shown.split('?')[0] === src.split('?')[0];
  const mail = new DOMParser().parseFromString(text, 'text/html');
  old.documentElement.replaceWith(old.adoptNode(mail.documentElement));
  if (old.scrollingElement) old.scrollingElement.scrollTop = same ? top : 0;
}

/** Clicks in the mail name the line of the Markdown that made what was clicked. */
function listen(root) {
  for (const frame of root.querySelectorAll('iframe')) {
    const attach = () =>
      frame.contentDocument?.addEventListener('click', (event) => nameOrigin(event.target));
    attach();
    frame.addEventListener('load', attach);
  }
}

function nameOrigin(element) {
  const { line } = element.closest?.('[data-line]')?.dataset ?? {};
  const origin = document.getElementById('origin');
  if (!line || !origin) return;
  const link = document.createElement('a');
  const url = new URL(location.href);
  url.searchParams.set('pane', 'markdown');
  url.hash = `L${line}`;
  link.href = url;
  link.textContent = `Line ${line} of the Markdown`;
  origin.replaceChildren(link);
}

/** Shows what a finding is about in the mail; false: the mail is not shown, or has nothing from that line. */
function showInMail(line) {
  let shown = false;
  for (const frame of document.querySelectorAll('iframe')) {
    const marked = [...(frame.contentDocument?.querySelectorAll('[data-line]') ?? [])];
    const element = marked.filter((one) => Number(one.dataset.line) <= line).at(-1);
    if (!element) continue;
    for (const one of marked) one.style.outline = '';
    element.style.outline = '3px solid #c60';
    element.scrollIntoView({ block: 'center' });
    nameOrigin(element);
    shown = true;
  }
  return shown;
}

function pathOf(element) {
  if (element.name) return `[name="${CSS.escape(element.name)}"]`;
  const href = element.getAttribute('href');
  return href ? `[href="${CSS.escape(href)}"]` : null;
}

const events = new EventSource('/events');
events.addEventListener('version', ({ data }) => {
  gone.hidden = true;
  if (data !== version) void show(location.href).catch(() => {});
});
events.addEventListener('error', () => {
  gone.hidden = false;
});

/** Links within the preview exchange parts of the page; the browser's own way would lose the mail's place. */
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (
    !link ||
    event.defaultPrevented ||
    event.ctrlKey ||
    event.metaKey ||
    event.shiftKey ||
    event.button !== 0
  )
    return;
  if (
    link.origin !== location.origin ||
    link.hasAttribute('download') ||
    link.getAttribute('href').startsWith('#')
  )
    return;
  event.preventDefault();
  if (link.dataset.showLine && showInMail(Number(link.dataset.showLine))) return;
  void go(link.href);
});

document.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.target;
  for (const input of form.querySelectorAll('[data-remember]'))
    localStorage.setItem(input.dataset.remember, input.value);
  if (form.method === 'post') return void ask(form);
  void go(`${form.action.split('?')[0]}?${queryOf(form)}`);
});

/** Something that takes a while: the answer stands below the buttons. */
async function ask(form) {
  const button = form.querySelector('button');
  button.disabled = true;
  answer('Asking…');
  try {
    await show(form.action, { method: 'POST', body: new FormData(form) });
  } catch (error) {
    answer(error instanceof TypeError ? 'The preview did not answer.' : error.message);
  }
  button.disabled = false;
}

function answer(...lines) {
  const list = document.createElement('ul');
  for (const line of lines) list.append(Object.assign(document.createElement('li'), { textContent: line }));
  document.getElementById('answer')?.replaceChildren(list);
}

/** Accessibility is checked in a frame of its own, where our script may run and the mail's may not. */
document.addEventListener('click', ({ target }) => {
  const address = target.dataset?.axe;
  if (!address) return;
  answer('Looking…');
  const frame = document.createElement('iframe');
  frame.sandbox = 'allow-scripts';
  frame.className = 'away';
  frame.title = 'Accessibility check';
  frame.src = address;
  addEventListener('message', function hear(event) {
    if (event.source !== frame.contentWindow || !Array.isArray(event.data?.axe)) return;
    removeEventListener('message', hear);
    frame.remove();
    const found = event.data.axe.map(String);
    answer(...(found.length > 0 ? found : ['axe finds nothing wrong in this mail.']));
  });
  document.body.append(frame);
});

function recall() {
  for (const input of document.querySelectorAll('[data-remember]'))
    input.value ||= localStorage.getItem(input.dataset.remember) ?? '';
}
recall();

async function go(url) {
  history.pushState(null, '', url);
  await show(url).catch(() => location.assign(url));
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target) {
    target.scrollIntoView({ block: 'center' });
    target.focus({ preventScroll: true });
  }
}

/** A form that answers while it is typed in, without a step back for each letter. */
document.addEventListener('input', ({ target }) => {
  const form = target.closest('form[data-live]');
  if (!form) return;
  history.replaceState(null, '', `?${queryOf(form)}`);
  void show(location.href).catch(() => {});
});

/** What stands in a form, empty fields left out. */
function queryOf(form) {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
}

listen(document);
addEventListener('popstate', () => void show(location.href).catch(() => {}));

const keys = document.getElementById('keys');
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, textarea, select'))
    return;
  if (event.key === '?') return void showKeys();
  if (event.key === 'j' || event.key === 'k') return void step(event.key === 'j' ? 1 : -1);
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches('input')) target.focus();
  else target.click();
});

/** The issue below or above the one that is shown. */
function step(by) {
  const links = [...document.querySelectorAll('#issues ol a')];
  const at = links.findIndex((link) => link.getAttribute('aria-current') === 'true');
  links[Math.min(Math.max(at + by, 0), links.length - 1)]?.click();
}

function showKeys() {
  const rows = [...document.querySelectorAll('[data-key]')].map((element) => {
    const group = element.closest('[role="group"]')?.getAttribute('aria-label') ?? '';
    return [element.dataset.key, `${group} ${element.textContent.trim() || 'find a reader'}`.trim()];
  });
  keys.replaceChildren(
    ...[['j, k', 'next and previous issue'], ...rows, ['Esc', 'close this']].map(([key, words]) => {
      const line = document.createElement('p');
      const name = document.createElement('kbd');
      name.textContent = key;
      line.append(name, ` ${words}`);
      return line;
    }),
  );
  keys.showModal();
}
