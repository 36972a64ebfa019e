// Sends a form and reports its progress, which fetch() cannot. A broken connection is not an answer: it rejects.

export interface Answer {
  readonly status: number;
  /** Undefined when the answer was no JSON object, for example a proxy's error page. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** @param onProgress called with 0..1 while the body is on its way. */
export function send(address: string, form: FormData, onProgress: (sent: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address);
    request.setRequestHeader('Accept', 'application/json');
    request.upload.addEventListener('progress', ({ loaded, total, lengthComputable }) => {
      if (lengthComputable && total > 0) onProgress(loaded / total);
    });
    request.addEventListener('load', () =>
      resolve({ status: request.status, body: parse(request.responseText) }),
    );
    for (const broken of ['error', 'abort', 'timeout'] as const) {
      request.addEventListener(broken, () => reject(new Error(broken)));
    }
    request.send(form);
  });
}

/** The server's sentence about a refusal, already in the reader's language. */
export const refusal = ({ body }: Answer) =>
  typeof body?.['detail'] === 'string' ? body['detail'] : undefined;

function parse(text: string): Answer['body'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
