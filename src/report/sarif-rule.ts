// A rule as SARIF describes it to GitHub: severity as a number in a string, precision, tags, and how to rotate as its help.
import { SarifRuleBuilder } from 'node-sarif-builder';
import { printable } from '../model/printable.ts';
import type { RuleInfo } from '../model/rule.ts';
import type { Severity } from '../model/severity.ts';
import { shorten } from './columns.ts';
import { printableLines } from './neutral.ts';
import { sarifMessage } from './sarif-message.ts';

/** GitHub: over 9.0 critical, from 7.0 high, from 4.0 medium, below that low. */
const securitySeverity: Record<Severity, string> = { critical: '9.5', high: '8.0', medium: '5.5', low: '3.0', info: '1.0' };

/** GitHub cuts off or rejects longer names and descriptions. */
const longestName = 255;
const longestDescription = 1024;

export function sarifRuleId(ruleId: string): string {
  return `unbake/${printable(ruleId)}`;
}

export function sarifRule(rule: RuleInfo): SarifRuleBuilder {
  const name = shorten(printable(rule.name), longestName);
  const links = rule.references.flatMap(webAddress);
  const advice = printableLines(rule.advice) || 'Revoke the secret where it was issued, then build the image without it.';
  const help = [printableLines(rule.description), advice].filter((text) => text !== '');
  return new SarifRuleBuilder({
    id: sarifRuleId(rule.id),
    name: pascalCase(name),
    shortDescription: sentence(name),
    fullDescription: sentence(shorten(printableLines(rule.description) || name, longestDescription)),
    help: {
      text: sarifMessage([...help, ...links].join('\n\n')),
      markdown: sarifMessage([...help.slice(0, -1), `**What to do:** ${help.at(-1)}`, ...links.map((link) => `- <${link}>`)].join('\n\n')),
    },
    helpUri: links[0],
    defaultConfiguration: { level: sarifLevel(rule.severity) },
    properties: {
      'security-severity': securitySeverity[rule.severity],
      precision: rule.confidence,
      tags: ['security', 'secret', 'container', 'external/cwe/cwe-798'],
    },
  });
}

/** For a finding whose rule the report does not describe. */
export function unknownRule(ruleId: string, severity: Severity): RuleInfo {
  return { id: ruleId, name: ruleId, severity, confidence: 'medium', description: '', advice: '', references: [], origin: 'user', keywords: [] };
}

export function sarifLevel(severity: Severity): 'error' | 'warning' | 'note' {
  switch (severity) {
    case 'critical':
    case 'high':
      return 'error';
    case 'medium':
      return 'warning';
    case 'low':
    case 'info':
      return 'note';
  }
}

function sentence(text: string): { text: string } {
  return { text: sarifMessage(/[.!?…]$/.test(text) ? text : `${text}.`) };
}

/** `GitHubToken`: the form that SARIF asks of a rule's name (SARIF2012). */
function pascalCase(name: string): string {
  const words = name.match(/[A-Za-z0-9]+/g) ?? ['Secret'];
  return words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function webAddress(reference: string): string[] {
  const url = URL.parse(reference);
  return url !== null && /^https?:$/.test(url.protocol) ? [printable(url.href)] : [];
}
