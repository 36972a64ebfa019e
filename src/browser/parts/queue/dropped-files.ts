// Files that were dropped, with everything in dropped folders. Must be asked during the drop: afterwards the browser forgets.

export interface Dropped {
  readonly files: readonly File[];
  readonly isFolder: boolean;
  /** Files and folders that can't be read: gone meanwhile, or not for this person's eyes. */
  readonly unread: number;
}

/** Never rejects. */
export async function filesDropped(dropped: Pick<DataTransfer, 'items' | 'files'>): Promise<Dropped> {
  const entries = [...dropped.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const isFolder = entries.some((entry) => entry.isDirectory);
  if (!isFolder) return { files: [...dropped.files], isFolder, unread: 0 };
  const files: File[] = [];
  let unread = 0;
  for (const entry of entries) unread += await collect(entry, files);
  return { files, isFolder, unread };
}

/** Returns how many could not be read: one of them must not take the others along. */
async function collect(entry: FileSystemEntry, files: File[]): Promise<number> {
  try {
    if (entry.isFile) {
      const file = new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
      files.push(await file);
      return 0;
    }
    return await collectFolder(entry as FileSystemDirectoryEntry, files);
  } catch {
    return 1;
  }
}

async function collectFolder(folder: FileSystemDirectoryEntry, files: File[]): Promise<number> {
  const reader = folder.createReader();
  let unread = 0;
  // A reader hands out a hundred at a time, until it hands out none.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    ).catch(() => undefined);
    if (some === undefined) return unread + 1;
    if (some.length === 0) return unread;
    for (const one of some) unread += await collect(one, files);
  }
}
