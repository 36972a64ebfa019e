// What somebody has begun to send counts before it has come: else much that is unfinished would be room beyond their quota.

/** How much of that there is. An id tells whose it is, though not to us. */
export interface AnnouncedUploads {
  /**
   * Keeps a place for one that is about to be made, and counts so many bytes as announced, whether they come or not, until it is concluded or
   * forgotten, or removed as too old. Throws `too-many-uploads`.
   */
  announce(id: string, bytes: number): void;
  /** How much is announced by now of whoever begins the one with this id; after a restart as before it. */
  announcedBefore(id: string): number;
}
