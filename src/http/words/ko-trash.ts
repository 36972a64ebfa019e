// 휴지통, 그리고 사진을 누가 볼 수 있는지에 관한 말.
import type { enTrash } from './en-trash.ts';

export const koTrash: typeof enTrash = {
  trash: {
    title: '휴지통',
    lead: '삭제한 사진은 30일 동안 여기 있다가 완전히 지워져요. 그 전에는 그대로 되돌릴 수 있어요.',
    emptyTitle: '휴지통이 비어 있어요',
    emptyText: '삭제한 사진은 30일 동안 여기에서 기다려요.',
    restore: '되돌리기',
    restoreOf: (name: string) => `되돌리기: ${name}`,
    remove: '완전히 지우기',
    removeOf: (name: string) => `완전히 지우기: ${name}`,
    left: (days: number, number: string) => (days === 0 ? '오늘 지워져요' : `${number}일 남음`),
  },
  privacy: {
    title: '누가 볼 수 있나요',
    onlyMe: '나만 보기',
    everybody: '볼 수 있는 사람 모두',
    onlyYou: '나만 볼 수 있어요',
  },
};
