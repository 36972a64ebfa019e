// Files that were dropped, with everything in dropped folders. Must be asked during the drop: afterwards the browser forgets.

export async function filesDropped(dropped: DataTransfer): Promise<{ files: File[]; isFolder: boolean }> {
  const entries = [...dropped.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const isFolder = entries.some((entry) => entry.isDirectory);
  if (!isFolder) return { files: [...dropped.files], isFolder };
  const files: File[] = [];
  for (const entry of entries) await collect(entry, files);
  return { files, isFolder };
}

async function collect(entry: FileSystemEntry, files: File[]): Promise<void> {
  if (entry.isFile) {
    files.push(
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    );
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader hands out a hundred at a time, until it hands out none.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const one of some) await collect(one, files);
  }
}
