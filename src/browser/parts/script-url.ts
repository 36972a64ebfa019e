// Addresses of scripts for workers, past `require-trusted-types-for 'script'`: this site's own bundles and nothing else.

interface Factory {
  createPolicy(name: string, rules: { createScriptURL(path: string): string }): Policy;
}
interface Policy {
  createScriptURL(path: string): unknown;
}

let policy: Policy | undefined;

/** What `new Worker()` and `serviceWorker.register()` take. @throws TypeError for any other script */
export function scriptUrl(path: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: Factory };
  if (trustedTypes === undefined) return ownScript(path);
  policy ??= trustedTypes.createPolicy('sajin', { createScriptURL: ownScript });
  // A TrustedScriptURL, which the types of the browser take for a string.
  return policy.createScriptURL(path) as string;
}

function ownScript(path: string): string {
  const { origin, pathname, href } = new URL(path, location.origin);
  const isOurs = pathname.startsWith('/static/built/') || pathname === '/service-worker.js';
  if (origin !== location.origin || !isOurs) throw new TypeError(`${path} is no script of this site`);
  return href;
}
