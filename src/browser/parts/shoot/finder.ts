// The camera as the page shows it: opening, closing, lens and light; or why there is none, and the form that does without.
import { openWakeLock } from '../wake-lock.ts';
import { type Camera, CameraError, openCamera, type Trouble } from './camera.ts';

export interface Finder {
  /** Undefined while it is closed or just being opened. */
  readonly camera: Camera | undefined;
  /** Never rejects: what went wrong is on the page. */
  open(): Promise<void>;
  /** The light of the camera goes out. */
  close(): void;
  /** After `close()`, unless the page shows that there is no camera. */
  reopen(): void;
  turn(): void;
  toggleLight(): void;
}

/** @param list moves to where it is seen */
export function openFinder(page: HTMLElement, video: HTMLVideoElement, list: HTMLElement): Finder {
  const find = (selector: string) => page.querySelector<HTMLElement>(selector);
  const stayAwake = openWakeLock();
  const show = openFrame(page, list);
  let camera: Camera | undefined;
  let lens: string | undefined;
  let opening = 0;

  const close = () => {
    opening += 1;
    camera?.close();
    camera = undefined;
    page.classList.remove('ready');
    stayAwake(false);
  };
  const open = async () => {
    close();
    const turn = opening;
    show('camera');
    try {
      const opened = await openCamera(video, lens, () => void open());
      // Somebody closed it, or opened another one, while the person was asked for permission.
      if (turn !== opening) return opened.close();
      camera = opened;
      stayAwake(true);
      page.classList.add('ready');
      find('#light')?.toggleAttribute('hidden', !opened.hasLight);
      find('#light')?.setAttribute('aria-pressed', 'false');
      find('#turn')?.toggleAttribute('hidden', opened.lenses.length < 2);
    } catch (error) {
      if (turn === opening) show('plain', error instanceof CameraError ? error.trouble : 'broken');
    }
  };

  return {
    get camera() {
      return camera;
    },
    open,
    close,
    reopen() {
      if (page.dataset['state'] === 'camera') void open();
    },
    turn() {
      const { lenses = [] } = camera ?? {};
      lens = lenses[(lenses.indexOf(camera?.lens ?? '') + 1) % lenses.length];
      void open();
    },
    toggleLight() {
      const button = find('#light');
      const on = button?.getAttribute('aria-pressed') !== 'true';
      camera?.light(on).then(
        () => button?.setAttribute('aria-pressed', String(on)),
        () => button?.toggleAttribute('hidden', true),
      );
    },
  };
}

/** What is around the camera. The system's own bars are as dark as it is while it is open. */
function openFrame(page: HTMLElement, list: HTMLElement) {
  const find = (selector: string) => page.querySelector<HTMLElement>(selector);
  const camera = find('.camera');
  const colours = [...document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')].map(
    (meta) => [meta, meta.content] as const,
  );
  return (state: 'camera' | 'plain', trouble?: Trouble) => {
    const isOpen = state === 'camera';
    page.dataset['state'] = state;
    document.body.classList.toggle('with-camera', isOpen);
    camera?.toggleAttribute('hidden', !isOpen);
    find(isOpen ? '.camera-title' : '.plain-shooting')?.after(list);
    for (const one of page.querySelectorAll<HTMLElement>('[data-trouble]'))
      one.hidden = one.dataset['trouble'] !== trouble;
    find('#again')?.toggleAttribute('hidden', trouble === undefined || trouble === 'insecure');
    const dark = camera === null ? '' : getComputedStyle(camera).backgroundColor;
    for (const [meta, usual] of colours) meta.content = isOpen ? dark : usual;
  };
}
