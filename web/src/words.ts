// English is what index.html says, in elements with a data-say; here are the same sayings in Traditional Chinese, and
// those that are said only later, in both.

export type Language = 'en' | 'zh-Hant';

export const chinese: Readonly<Record<string, string>> = {
  title: '認識每一位顧客，看見他們想要而您還沒有賣的',
  lede: '每個人一份檔案，用任何身分都能找到；也看得出成長中的客群想要什麼，而型錄還沒有。可用 GraphQL 查詢，也有給試算表的資料列。這個伺服器在您的電腦上執行，資料不會離開。',
  loaded: '已載入的資料',
  asking: '正在詢問伺服器……',
  customers: '顧客',
  interactions: '互動',
  products: '產品',
  categories: '類別',
  latest: '最近一次互動',
  store: '資料庫',
  current: '回答',
  ask: '查詢',
  elsewhere: '這些問題問的是示範資料（lacuna demo）裡的人；請換成您所知道的身分與類別。',
  open: '開啟 Playground',
  load: '載入您自己的資料',
  files: '把手上的資料放進一個資料夾，格式為 CSV、NDJSON 或 Parquet：customers、interactions、products、categories。只有這些就夠了：',
  then: '然後載入資料夾並啟動伺服器。伺服器執行時也可以載入，上面的數字會跟著更新。',
  programs: '給程式使用',
  graphql: '查詢與變更用 POST；查詢也可以用 GET',
  rows: '給試算表的缺口資料；需求、客群、母體與顧客也一樣，格式為 CSV、JSON、NDJSON 或 Parquet',
  schema: '完整的 schema，每一項都有說明',
  metrics: '這個伺服器給 Prometheus 的指標',
  ready: '資料庫是否能回答',
};

interface Said {
  serving: string;
  empty: string;
  opening: string;
  unreachable: string;
  locked: string;
  failing: (status: number) => string;
  nothing: string;
  direct: string;
  behind: (seconds: string) => string;
}

export const said: Readonly<Record<Language, Said>> = {
  en: {
    serving: 'The server answers.',
    empty: 'The server answers, and nothing is loaded yet. Begin below.',
    opening: 'The store is being opened or closed. Trying again …',
    unreachable: 'The server does not answer. Is it still running? Trying again …',
    locked: 'The server asks for an API key, and shows what is loaded to nobody without one. In the playground, write it under Headers: {"Authorization": "Bearer lacuna_…"}.',
    failing: (status) => `The server answers with an error (${status}). Its log says why. Trying again …`,
    nothing: 'none yet',
    direct: 'read from the store itself',
    behind: (seconds) => `up to ${seconds} s behind the store`,
  },
  'zh-Hant': {
    serving: '伺服器正常回應。',
    empty: '伺服器正常回應，但還沒有載入任何資料。請從下面開始。',
    opening: '資料庫正在開啟或關閉，稍後再試……',
    unreachable: '伺服器沒有回應。它還在執行嗎？稍後再試……',
    locked: '伺服器需要 API 金鑰，沒有金鑰就看不到載入了什麼。在操作台的 Headers 填入：{"Authorization": "Bearer lacuna_…"}。',
    failing: (status) => `伺服器回應了錯誤（${status}），原因請見它的記錄。稍後再試……`,
    nothing: '還沒有',
    direct: '直接讀自資料庫',
    behind: (seconds) => `最多落後資料庫 ${seconds} 秒`,
  },
};
