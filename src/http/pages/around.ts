// What stands around every page: title, navigation, languages, and what its scripts say. Plain strings; the template escapes them.
import { type Language, languages } from '../languages.ts';
import { detectionPath, failedPath, moderationPath, signInPath, verificationPath } from '../links.ts';
import type { PageContext } from '../views.ts';
import { errorSentence, type Speech } from '../words.ts';
import type { Page } from './frame.ts';

export function frameOf(context: PageContext, page: Page, { words, number }: Speech) {
  const { language, path, problem, failed = 0, waiting = 0, maxUploadMb } = context;
  return {
    page,
    isBare: page.bare === true || !context.rights.look,
    signIn: signInPath(page.path ?? path),
    problem,
    detection: detectionPath,
    verification: verificationPath(),
    failed:
      failed === 0
        ? undefined
        : { href: failedPath(), count: words.failed.menuCount(failed, number(failed)) },
    waiting: waiting === 0 ? undefined : { href: moderationPath(), count: number(waiting) },
    refusals: refusalsIn(language, maxUploadMb),
    title: `${page.title} · ${words.appName}`,
    languages: languages.map((one) => ({
      language: one,
      name: { en: 'English', ko: '한국어' }[one],
      short: { en: 'EN', ko: '한' }[one],
      href: inLanguage(page.path ?? path, one),
    })),
  };
}

/** What the page's scripts say about a file before it is sent: the server's own sentences. */
function refusalsIn(language: Language, maxUploadMb: number) {
  return {
    maxBytes: maxUploadMb * 1024 * 1024,
    tooLarge: errorSentence(language, 'too-large', { limitMb: maxUploadMb }),
    unsupported: errorSentence(language, 'unsupported-type'),
    empty: errorSentence(language, 'empty-file'),
  };
}

// Only path and query are kept, so that whatever the address was, the link stays on this site.
function inLanguage(path: string, language: Language): string {
  const [pathname = '/', query = ''] = path.split('#', 1)[0]?.split('?', 2) ?? [];
  const asked = new URLSearchParams(query);
  asked.set('lang', language);
  return `${pathname.replace(/^[/\\]+/, '/')}?${asked}`;
}
