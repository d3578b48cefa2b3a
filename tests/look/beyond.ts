import type { Page } from 'playwright-core';

/** What reaches beyond the window, and by how much; what scrolls by itself may. */
export function beyond(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const window = document.documentElement.clientWidth;
    const wide = document.documentElement.scrollWidth - window;
    if (wide <= 0) return [];
    const scrolls = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).overflowX === 'auto' || scrolls(element.parentElement));
    const culprits = [...document.body.querySelectorAll('*')]
      .filter((one) => one.children.length === 0 && one.getBoundingClientRect().right > window)
      .filter((one) => !scrolls(one))
      .map((one) => one.outerHTML.slice(0, 160));
    return [`${wide} px too wide`, ...culprits.slice(0, 5)];
  });
}
