import type { Finding } from '../finding.ts';

/** The groups under which findings are shown, in their order, each with what its rules' names begin with. */
const GROUPS = {
  Inbox: /^(?:subject|preheader|from|reply-to|slug|title)/,
  Size: /^html-(?:large|clipped)/,
  Links: /^(?:link|relative-link|fragment)/,
  Images: /^(?:image|images|text-ratio)/,
  Accessibility: /^(?:heading|contrast)/,
  Clients: /^(?:client-support|html-)/,
  Schedule: /^(?:date|send-at|late-by|schedule)/,
  Content: /./,
} as const;

export type GroupName = keyof typeof GROUPS;

/** Findings by group, empty groups too; what fits nowhere is about the content. */
export function groupFindings(findings: readonly Finding[]): Map<GroupName, Finding[]> {
  const names = Object.keys(GROUPS) as GroupName[];
  const groups = new Map<GroupName, Finding[]>(names.map((name) => [name, []]));
  for (const finding of findings)
    groups.get(names.find((name) => GROUPS[name].test(finding.rule))!)!.push(finding);
  return groups;
}
