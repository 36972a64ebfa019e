// The camera itself: opens it, takes pictures, lets go of it. Knows neither the page around it nor where pictures go.

export type Trouble = 'denied' | 'absent' | 'busy' | 'insecure' | 'broken';

/** Why there is no camera; the page has a sentence for each. */
export class CameraError extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble, cause?: unknown) {
    super(`no camera: ${trouble}`, { cause });
    this.name = 'CameraError';
    this.trouble = trouble;
  }
}

export interface Camera {
  /** Its own name for the lens that is open. */
  readonly lens: string | undefined;
  /** Every lens that can be opened, this one included. */
  readonly lenses: readonly string[];
  readonly hasLight: boolean;
  /** As good a picture as the device makes; JPEG, or what its own camera says. Rejects when there is none. */
  take(): Promise<Blob>;
  light(on: boolean): Promise<void>;
  /** The light of the camera goes out. */
  close(): void;
}

// More than any phone's video has, so that each gives its best; without `ideal` those with less would refuse.
const wanted = { width: { ideal: 4096 }, height: { ideal: 3072 } } as const;
const quality = 0.92;
// A phone that focuses for longer than this has got stuck.
const stillMs = 5_000;

/** @param onLost called when the system takes the camera away. @throws CameraError */
export async function openCamera(
  video: HTMLVideoElement,
  lens: string | undefined,
  onLost: () => void,
): Promise<Camera> {
  const stream = await openStream(lens);
  const [track] = stream.getVideoTracks();
  const close = () => {
    track?.removeEventListener('ended', onLost);
    for (const one of stream.getTracks()) one.stop();
    if (video.srcObject === stream) video.srcObject = null;
  };
  // Whatever fails from here on, nobody could close the camera but we.
  try {
    if (track === undefined) throw new Error('the stream has no picture');
    track.addEventListener('ended', onLost);
    video.srcObject = stream;
    await video.play();
    const lenses = await listLenses();
    const abilities: MediaTrackCapabilities & { torch?: boolean } = track.getCapabilities?.() ?? {};
    return {
      lens: track.getSettings().deviceId,
      lenses,
      hasLight: abilities.torch === true,
      take: createTaker(track, video),
      light: (on) => track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }),
      close,
    };
  } catch (error) {
    close();
    throw new CameraError('broken', error);
  }
}

async function openStream(lens: string | undefined): Promise<MediaStream> {
  // Missing on plain http, except on the machine itself.
  if (navigator.mediaDevices?.getUserMedia === undefined) throw new CameraError('insecure');
  const which = lens === undefined ? { facingMode: { ideal: 'environment' } } : { deviceId: { exact: lens } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { ...wanted, ...which }, audio: false });
  } catch (error) {
    throw new CameraError(troubleOf(error), error);
  }
}

// https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia; PermissionDismissedError is Chromium's older word.
function troubleOf(error: unknown): Trouble {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'PermissionDismissedError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'absent';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    case 'SecurityError':
      return 'insecure';
    default:
      return 'broken';
  }
}

async function listLenses(): Promise<string[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.flatMap(({ kind, deviceId }) => (kind === 'videoinput' && deviceId !== '' ? deviceId : []));
}

/** The device's own photo is larger and better than a frame of its video; where it fails once, frames have to do. */
function createTaker(track: MediaStreamTrack, video: HTMLVideoElement): () => Promise<Blob> {
  let still = typeof ImageCapture === 'undefined' ? undefined : new ImageCapture(track);
  return async () => {
    if (still !== undefined) {
      const photo = await within(stillMs, still.takePhoto()).catch(() => undefined);
      if (photo !== undefined && photo.size > 0 && /^image\/(jpeg|png|webp)$/.test(photo.type)) return photo;
      still = undefined;
    }
    return frameOf(video);
  };
}

function frameOf(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error('the frame is empty')) : resolve(blob)),
      'image/jpeg',
      quality,
    );
  });
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
