/** Link texts that say nothing by themselves, folded to lower case: English, German, French, Spanish, Portuguese, Italian, Dutch, Chinese, Japanese, Persian. */
export const GENERIC_TEXTS: ReadonlySet<string> = new Set(
  [
    'here|click|click here|click this|link|this|this link|this page|read more|more|learn more|see here|go|page|url',
    'hier|hier klicken|klicken sie hier|klick|mehr|weiterlesen|mehr erfahren|dieser link',
    'ici|cliquez ici|cliquer ici|lien|ce lien|lire la suite|en savoir plus|plus',
    'aquí|aqui|haz clic aquí|haga clic aquí|clic aquí|enlace|este enlace|leer más|más|clique aqui|saiba mais|leia mais',
    'qui|clicca qui|leggi tutto|continua|klik hier|lees meer|lees verder',
    '这里|點擊這裡|点击这里|点这里|链接|此处|更多|こちら|ここ|ここをクリック|リンク|続きを読む|もっと見る',
    'اینجا|اینجا کلیک کنید|لینک|بیشتر|ادامه',
  ]
    .join('|')
    .split('|'),
);
