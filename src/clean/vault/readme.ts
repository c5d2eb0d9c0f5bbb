// README.md of a vault: what it is, and the command for each way to use it. Nothing of an image stands in it.

export function readmeText(version: string, isEncrypted: boolean): string {
  return `# A vault of unbake

What \`unbake clean\` (${version}) took out of an image: files, and values of environment variables. The cleaned image works again
where they are put back at run time.

**Keep it secret.** ${
    isEncrypted
      ? 'The files with `.age` behind their names are encrypted; names, paths and sizes are not.'
      : 'Its files are as readable as the image was.'
  } Do not commit it, do not copy it into an image.
**Rotate the secrets all the same**: whoever had the old image has them.

- \`manifest.json\`: what is here and where it belongs. \`files/\`, \`variables/\`: bodies and values. \`env\`: values as an env file.
- \`unbake run --vault FOLDER${isEncrypted ? ' --vault-identity KEY_FILE' : ''} IMAGE\` runs the cleaned image with everything back in its place.
${
  isEncrypted
    ? '- For the others, decrypt it first: `sh decrypt.sh KEY_FILE` runs `age -d -i KEY_FILE` on each file, into a folder in memory, and prints that.\n  What follows works in that folder. Delete it when no container uses it any more.\n'
    : ''
}- docker: \`sh docker-run.sh [[OPTION...] IMAGE [COMMAND...]]\`, as root where the files belong to another user than root.
- docker compose: \`sudo sh owners.sh\` once, then \`compose.yaml\`.
- Kubernetes: \`sh kubernetes.sh [KUBECTL OPTION...]\` makes the Secrets, \`kubernetes.yaml\` shows a Deployment that uses them.

What a snippet cannot express is left out of it and named at its head.
`;
}
