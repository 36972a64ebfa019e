// Korean for keeping: whether originals are as they came. Part of ko.ts.
import type { enKeeping } from './en-keeping.ts';

export const koKeeping: typeof enKeeping = {
  verification: {
    title: '원본이 온전한가요?',
    menu: '원본 확인',
    lead: '모든 원본을 한 달 안에 다시 읽어 처음과 같은지 견줘요. 그러면서 지우는 것은 없어요.',
    well: (_count, shown) => `원본 ${shown}개가 모두 처음 그대로예요.`,
    wellSoFar: '아직 잘못된 것은 없어요.',
    wellUnknown: (shown) => `아직 잘못된 것은 없어요. 원본 ${shown}개는 한 달 동안 읽지 않았어요.`,
    none: '아직 사진이 없어요.',
    damaged: (_count, shown) => `사진 ${shown}장의 원본이 손상됐어요`,
    damagedNext:
      '그 사진이 아직 있으면 한 번 더 올려 주세요. 그러면 원본이 바로잡혀요. 없으면 이 갤러리를 운영하는 사람이 ‘sajin repair’ 명령으로 백업에서 되돌릴 수 있어요.',
    running: (_count, shown) => `사진 ${shown}장을 더 확인해야 해요`,
    runningNote: '사진이 들어오거나 현상하는 동안에는 기다려요.',
    start: '지금 모두 확인',
    faults: {
      missing: '원본이 없어요.',
      short: '원본의 길이가 전과 달라요.',
      changed: '원본이 전과 달라요. 일부 내용이 바뀌었어요.',
      unreadable: '디스크에서 원본을 더는 읽을 수 없어요.',
    },
    databaseWell: (moment) => `데이터베이스를 ${moment}에 모두 읽었고 이상이 없어요.`,
    databaseUnread: '데이터베이스를 아직 모두 읽어 보지 않았어요.',
    databaseReading: '데이터베이스를 모두 읽는 중이에요.',
    databaseDamaged: '데이터베이스가 손상됐어요',
    databaseDamagedNext:
      '더는 아무것도 쓰지 않아요. 운영하는 사람이 ‘sajin restore’로 백업을 되돌리거나 ‘sajin rebuild’로 원본에서 데이터베이스를 새로 만들어 주세요.',
    checked: (moment) => `${moment}에 확인함`,
    strays: '어느 사진에도 속하지 않는 파일',
    straysText: '사진으로 만들 수 없어서 그대로 두었어요.',
    ofPhoto: '원본이 손상됐어요',
  },
};
