// Takes a multipart upload apart: files stream into the inbox, fields stay small. Knows no photo; refuses by GalleryError.
import type { Readable } from 'node:stream';
import type { Request, Response } from 'express';
import multer from 'multer';
import { GalleryError } from '../gallery/errors.ts';
import type { Inbox, ReceivedFile, Room } from '../gallery/ports.ts';
import { watchPace, welcomeBody } from './body-guard.ts';

export interface IncomingFile extends ReceivedFile {
  /** As the browser said; for telling files apart in an answer, never for a path. */
  readonly name: string;
}

export interface Upload {
  /** In the order sent. */
  readonly files: readonly IncomingFile[];
  /** One for all files, or one a file in their order. */
  readonly titles: readonly string[];
  /** What the sender says the files are, in their order; none, or fewer, when it does not say. */
  readonly digests: readonly string[];
  /** `1` when only the sender is to see them; of all files. */
  readonly isPrivate: string | undefined;
  /** The id of the user whose they are to be, where the form says so. */
  readonly forWhom: string | undefined;
  /** What a guest calls themselves, '' for nothing. */
  readonly sender: string;
}

export interface ReceiveOptions {
  readonly inbox: Inbox;
  readonly maxFileBytes: number;
  /** The name of the parts that are files; `photo` if absent. */
  readonly field?: string;
  /** Rejects when so many bytes are too many of whoever sends them. */
  readonly expectRoom?: (bytes: number) => Promise<void>;
  /** In one body; as many as a form of photos may hold if absent. */
  readonly mostFiles?: number;
}

/** Without scripts a browser sends everything that was chosen in one body; this many largest files fit in one. */
const largestFilesInOneBody = 10;
const mostFiles = 100;
const fieldBytes = 65_536;

// fieldNestingDepth and fieldArrayIndexLimit default to no limit: one field named `a[20000000]` stopped the process for seconds.
const limits = {
  files: mostFiles,
  fields: mostFiles + 8,
  parts: 2 * mostFiles + 8,
  fieldNameSize: 64,
  fieldSize: 8192,
  headerPairs: 16,
  fieldNestingDepth: 0,
  fieldArrayIndexLimit: 0,
};

/**
 * Rejects as soon as a limit is crossed, without waiting for the rest of the body: what came in is discarded, and the
 * answer should close the connection. Rejects `too-large`, `too-slow`, `disk-full`, `bad-upload`, or with a MulterError.
 */
export async function receiveUpload(
  request: Request,
  response: Response,
  options: ReceiveOptions,
): Promise<Upload> {
  const largestFiles = Math.min(largestFilesInOneBody, options.mostFiles ?? mostFiles);
  const mostBytes = options.maxFileBytes * largestFiles + fieldBytes;
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > mostBytes) throw tooLarge(mostBytes);
  // The files have what the form around them leaves; each is looked at once more when it is there.
  await options.expectRoom?.(Math.max(0, declared - fieldBytes));
  const room = await options.inbox.reserve(declared);
  try {
    welcomeBody(request, response);
    return await parse(request, response, { ...options, room }, mostBytes);
  } finally {
    room.release();
  }
}

function parse(
  request: Request,
  response: Response,
  {
    inbox,
    room,
    maxFileBytes,
    field = 'photo',
    mostFiles: files = mostFiles,
  }: ReceiveOptions & {
    readonly room: Room;
  },
  mostBytes: number,
): Promise<Upload> {
  return new Promise((resolve, reject) => {
    // By the order in which the parts began: a small file may be on the disk before a large one that was sent first.
    const received: (IncomingFile | undefined)[] = [];
    let over = false;
    const underWay = new Set<Promise<void>>();
    const coming = new Set<Readable>();
    // multer reports an error only after it has drained the whole body, so refusals don't go through it.
    const refuse = (error: unknown) => {
      over = true;
      stopWatching();
      // Nothing more is taken while the answer is made; what is read after it is told by closeUnread.
      request.unpipe();
      request.pause();
      reject(error);
      // A file that is still coming in ends here; left to itself it would wait for a sender who was turned away.
      for (const stream of coming) stream.destroy(new Error('refused'));
      for (const file of received) if (file !== undefined) forget(file.path);
    };
    // What can't be removed now is swept later.
    const forget = (path: string) => void inbox.discard(path).catch(() => undefined);
    const stopWatching = watchPace(request, () => refuse(tooSlow()));
    // Whatever the body is made of, it ends here: what is no file in `field` is counted by nothing else.
    let bodyBytes = 0;
    request.on('data', (chunk: Buffer) => {
      bodyBytes += chunk.length;
      if (bodyBytes > mostBytes && !over) refuse(tooLarge(mostBytes));
      room.came(chunk.length).catch((error: unknown) => {
        if (!over) refuse(error);
      });
    });
    const storage: multer.StorageEngine = {
      _handleFile(_request, file, done) {
        if (over || file.fieldname !== field) {
          if (!over) refuse(unexpectedFile(field));
          file.stream.resume();
          done(unexpectedFile(field));
          return;
        }
        coming.add(file.stream);
        const name = file.originalname;
        const at = received.push(undefined) - 1;
        const receiving = inbox.receive(file.stream, maxFileBytes).then(
          (kept) => {
            if (over) forget(kept.path);
            else received[at] = { ...kept, name };
            done(null, { path: kept.path });
          },
          (error: unknown) => {
            refuse(toUploadError(error));
            file.stream.resume();
            done(error);
          },
        );
        underWay.add(receiving);
        void receiving.finally(() => {
          underWay.delete(receiving);
          coming.delete(file.stream);
        });
      },
      _removeFile(_request, file, done) {
        inbox.discard(file.path).then(() => done(null), done);
      },
    };
    const take = multer({
      storage,
      limits: { ...limits, files },
      defParamCharset: 'utf8',
      preservePath: false,
    }).any();
    take(request, response, (error: unknown) => {
      if (error !== undefined && error !== null) {
        // A file that was refused ends its stream, which multer tells first and in other words.
        void Promise.all(underWay).then(() => refuse(toUploadError(error)));
        return;
      }
      if (over) return;
      stopWatching();
      resolve({
        files: received.filter((file) => file !== undefined),
        titles: textsIn(request.body, 'title'),
        digests: textsIn(request.body, 'sha256'),
        isPrivate: textsIn(request.body, 'private')[0],
        forWhom: textsIn(request.body, 'for')[0],
        sender: textsIn(request.body, 'sender')[0] ?? '',
      });
    });
  });
}

// A body that is cut or has no boundary makes busboy throw a plain Error without a code.
function toUploadError(error: unknown): unknown {
  if (error instanceof GalleryError || error instanceof multer.MulterError) return error;
  return new GalleryError(
    'bad-upload',
    'The upload arrived incomplete; send it again.',
    {},
    { cause: error },
  );
}

function textsIn(body: unknown, name: 'title' | 'sha256' | 'private' | 'for' | 'sender'): string[] {
  const fields: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  return [fields[name]].flat().filter((text): text is string => typeof text === 'string');
}

function tooLarge(mostBytes: number): GalleryError {
  const limitMb = Math.floor(mostBytes / 1024 / 1024);
  return new GalleryError('too-large', `An upload may have ${limitMb} MB; send fewer photos at once.`, {
    limitMb,
  });
}

const unexpectedFile = (field: string) =>
  new GalleryError('bad-upload', `A file came under another name than ${field}; send it as ${field}.`);

const tooSlow = () => new GalleryError('too-slow', 'The upload came too slowly and was stopped; try again.');
