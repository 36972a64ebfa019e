// 휴지통, 그리고 사진을 누가 볼 수 있는지에 관한 말.
import type { enTrash } from './en-trash.ts';

export const koTrash: typeof enTrash = {
  trash: {
    title: '휴지통',
    lead: '지운 사진은 30일 동안 여기 있다가 완전히 사라져요. 그 전에는 그대로 되돌릴 수 있어요.',
    emptyTitle: '휴지통이 비어 있어요',
    emptyText: '지운 사진은 30일 동안 여기에서 기다려요.',
    restore: '되돌리기',
    restoreOf: (name: string) => `되돌리기: ${name}`,
    remove: '완전히 지우기',
    removeOf: (name: string) => `완전히 지우기: ${name}`,
    removeTitle: (name: string) => `완전히 지울까요? ${name}`,
    removeText: '원본과 그것으로 만든 것이 모두 사라지고 누구도 되돌릴 수 없어요.',
    keep: '그대로 두기',
    empty: '휴지통 비우기',
    emptyAsk: '휴지통에 있는 사진을 모두 완전히 지울까요?',
    emptyAskText: '모든 원본이 사라지고 누구도 되돌릴 수 없어요.',
    emptyKeep: '그대로 두기',
    back: '휴지통으로',
    since: (moment: string) => `${moment}부터 휴지통에 있어요`,
    deleted: (name: string) => `30일 동안 휴지통에 있어요: ${name}`,
    restored: (name: string) => `사진 목록에 있어요: ${name}`,
    restoredWaiting: (name: string) => `들여보내기를 기다려요: ${name}`,
    left: (days: number, number: string) => (days === 0 ? '오늘 지워져요' : `${number}일 남음`),
  },
  privacy: {
    title: '누가 볼 수 있나요',
    onlyMe: '나만 보기',
    onlyMeThese: '나만 보기',
    everybody: '볼 수 있는 사람 모두',
    onlyYou: '나만 볼 수 있어요',
    linksNote: '나만 보기로 바꾸면 이 사진을 보여 주던 링크에서도 빠져요.',
  },
};
