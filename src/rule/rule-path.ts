// Which files hold rules, told without reading one.

export function isRuleFile(path: string): boolean {
  return /\.ya?ml$/.test(path);
}
