var e=`# Who is Mei Chen? One profile from every touchpoint, found by her e-mail address.
# 陳美玲是誰？用電子郵件找到她，所有接觸點合成一份檔案。
query Profile {
  customer(by: { identity: { kind: EMAIL, value: "mei.chen@example.com" } }) {
    id
    name
    createdAt
    lastSeenAt
    identities {
      kind
      value
      verified
      source
    }
    # Sources may disagree: the winner is shown, the others stand beside it.
    attributes {
      name
      value
      source
      observedAt
      alternatives {
        value
        source
        observedAt
      }
    }
    consents {
      purpose
      granted
    }
    household {
      id
      members {
        id
        name
      }
    }
    interactions(first: 10) {
      totalCount
      nodes {
        at
        type
        channel
        query
        results
        product {
          name
          price
          currency
        }
        category {
          name(lang: "zh")
        }
      }
    }
  }
}
`,t=`# What did she look for, and what was there? A search with results 0 found nothing: somebody wanted what is not sold.
# 她找過什麼，找到了嗎？results 為 0 表示什麼都沒找到：有人想要，卻沒有賣。
query FoundNothing {
  customer(by: { identity: { kind: EMAIL, value: "mei.chen@example.com" } }) {
    name
    interactions(where: { types: [SEARCH] }, first: 50) {
      totalCount
      nodes {
        at
        query
        results
        channel
        category {
          id
          name(lang: "zh")
        }
        # What the search was for: dates, party, destination.
        attributes {
          name
          value
        }
      }
    }
  }
}
`,n=`# Find customers by a part of their name, a page at a time. For the next page put endCursor into the variable "after".
# 用名字的一部分尋找顧客，一次一頁。要看下一頁，把 endCursor 填入變數 after。
query FindByName($search: String!, $first: Int! = 5, $after: String) {
  findCustomers(search: $search, orderBy: NAME, first: $first, after: $after) {
    totalCount
    nodes {
      id
      name
      lastSeenAt
      identities {
        kind
        value
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,r=`# Several customers in one question, each by what you know of them. The answer has the same order, and null for nobody.
# 一次查詢多位顧客，各用已知的身分。回答的順序相同，查無此人則為 null。
query SeveralAtOnce($by: [CustomerBy!]!) {
  customers(by: $by) {
    id
    name
    lastSeenAt
    household {
      id
    }
    interactions(where: { types: [PURCHASE] }, first: 3) {
      totalCount
      nodes {
        at
        amount
        currency
        product {
          name
        }
      }
    }
  }
}
`,i=`# What is sold in a category and everything below it, with names in two languages.
# 一個類別及其所有下層類別賣些什麼，名稱以兩種語言顯示。
query Products($category: ID!, $first: Int! = 20) {
  category(id: $category) {
    id
    name
    zh: name(lang: "zh")
    children {
      id
      name
      zh: name(lang: "zh")
    }
  }
  products(where: { category: $category, inStock: true }, first: $first) {
    totalCount
    nodes {
      id
      name
      price
      currency
      tags
      launchedAt
      retiredAt
      categories {
        id
        name
        parent {
          name
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,a=`# Where was she met before, during and after her purchases, what did she buy, and who brought whom?
# 她在購買之前、當下和之後於哪些管道出現？買了什麼？誰介紹了誰？
query Touchpoints {
  customer(by: { id: "c001" }) {
    name
    touchpoints {
      phase
      channel
      interactions
      firstAt
      lastAt
    }
    interactions(where: { types: [PURCHASE, RETURN, REVIEW] }) {
      nodes {
        at
        type
        channel
        quantity
        amount
        currency
        rating
        product {
          name
        }
      }
    }
    referrals {
      referredBy {
        name
      }
      referred {
        name
      }
    }
  }
}
`,o=`# Are two customers one person? A dry run tells what a merge would move and every conflict. It changes nothing.
# 兩位顧客是同一個人嗎？試算會說明合併將搬動什麼、有哪些衝突，不會改變任何資料。
mutation MergeDryRun {
  mergeCustomers(keep: "c001", merge: "c002", dryRun: true) {
    report {
      keep
      retired
      interactions
      identities {
        kind
        value
      }
      attributes
      conflicts {
        field
        keep
        merge
        result
      }
    }
    userErrors {
      path
      code
      message
    }
  }
}
`,s=`# What is loaded, how current it is, and the top of the category tree.
# 載入了什麼、有多新，以及類別樹的最上層。
query WhatIsLoaded {
  status {
    store
    customers
    interactions
    products
    categories
    asOf
    ageSeconds
    dataVersion
  }
  categories {
    id
    name
    zh: name(lang: "zh")
    children {
      id
      name
    }
  }
}
`,c=`# A rule that is not saved: who it finds, how many there were quarter by quarter, and whether they grow beside all customers.
# 尚未儲存的規則：符合的是誰、每季有多少人，以及與全體顧客相比是否成長。
query Preview($rule: RuleInput!) {
  previewSegment(rule: $rule) {
    size
    tookMs
    perRule { path size }
    growth(grain: QUARTER) { periodStart totalMembers membersAdded membersRemoved }
    trend { rate low high significant reason }
    sample(first: 5) { id lifecycle valueTier rfm { frequency monetary currency group } segments { segment { name } since } }
  }
}
`,l=`# The saved segments: how large they are, whether they grow, and what sets their members apart from all other customers.
# 已儲存的客群：規模、是否成長，以及其成員與其他顧客有何不同。
query Segments {
  segments(orderBy: SIZE) {
    nodes {
      id
      name
      size
      trend { rate low high significant }
      differentiators(first: 5) { attribute value category { name } share others lift }
      rule
    }
  }
}
`,u=`# Figures in columns, for dashboards: what families did by category and quarter. Every answer says in extensions.data what it was computed from.
# 給儀表板的欄式數字：家庭客群各類別、各季的行為。extensions.data 說明依據的資料版本。
query Demand {
  demand(by: [CATEGORY, PERIOD], grain: QUARTER, measures: [CUSTOMERS, SEARCHES, ZERO_RESULT_SEARCHES, BUYERS, REVENUE], where: {segments: ["families"]}) {
    rowCount
    asOf
    columns { name unit strings numbers }
  }
}
`,d=`# How all customers stand: the cycle of purchases, classes by value, and how much of the revenue the best fifth of the buyers made.
# 全體顧客的樣貌：購買週期、價值分級，以及最佳五分之一買家占營收多少。
query Population {
  population {
    customers
    buyers
    revenue
    netRevenue
    currency
    topFifthShare
    lifecycle { lifecycle customers revenue }
    tiers { tier customers revenue }
    members
    membersRevenueShare
    support { contacts customers customersOfHalf }
    quality { verified known { attribute share } sources { source customers shown contested latestObservedAt } }
  }
}
`,f=`# What is wanted and not served: by whom, what is to be done, why, and how many customers more would buy. docs/gaps.md explains each figure.
# 誰想要什麼、目錄卻沒滿足：該做什麼、原因，以及估計還會有多少顧客購買。各數字的說明在 docs/gaps.md。
query Gaps {
  gaps(first: 10) {
    totalCount
    nodes {
      segment { name }
      need
      verdict
      cause
      causeDetail { note priceBand { low high currency } }
      demand { customers index { low mid high } zeroResultSearches }
      served { rate reference }
      unmetCustomers { low mid high }
      growth { rate low high significant }
      trend { rate low high confirmed levelShiftAt levelShift reason }
    }
  }
  # What only looks like growth: one customer's fad, and a wave that comes each autumn.
  fad: gap(segment: "everyone", category: "stays-camping") { verdict growth { rate significant } }
  wave: gap(segment: "everyone", category: "activities-foliage") { verdict growth { rate significant } }
}
`,p=`# Act on a gap: what it is worth, why it scores, who says so, and the brief to hand over; and one that was closed, with what came of it.
# 處理缺口：價值、得分理由、佐證與產品簡報；再看一個已補上的缺口與成效。
query ActOnAGap {
  open: gap(segment: "families", category: "stays-family-okinawa") {
    status
    brief { title summary sections { heading lines } }
    value { low mid high currency horizonDays margin ordersPerBuyer spendPerOrder fairShare }
    score
    breakdown { name points max why }
    evidence(first: 8) {
      totalCount
      nodes { kind what customerCount share offered customers(first: 3) { nodes { id } } }
    }
    forecast { periodStart low mid high naive }
  }
  closed: gap(segment: "families", category: "transport-campervan") {
    need
    status
    history { at status productId note by }
    outcome { verdict rateBefore rateAfter expected reference gained { low mid high } weeksAfter controls }
    series { periodStart complete customers buyers activeProducts }
  }
}
# To decide: mutation { setGapStatus(gap: "families/stays-family-okinawa", status: REVIEWING, note: "Who has family rooms?") { gap { status } userErrors { message } } }
`,m=`# An idea for a product, before anybody makes it: which gaps it would close, for how many customers, worth what, and what it takes from the products that are there.
# 產品構想試算：能補上哪些缺口、服務多少顧客、價值多少，又會分走哪些現有產品的生意。
query SimulateProduct($product: ProductIdea!) {
  simulateProduct(product: $product) {
    customers { low mid high }
    value { low mid high }
    currency
    gaps {
      gap { id verdict unmetCustomers { mid } }
      closes
      why
      reach
      customers { low mid high }
    }
    takes { productId buyers of }
    takenValue
    notes
  }
}
`,h=`# Which gaps change, as they do? Run GapChanged here, and Decide in another window; the same button stops listening.
# 缺口何時變化？在此執行 GapChanged，再於另一視窗執行 Decide；再按一次按鈕即停止收聽。
subscription GapChanged {
  gapChanged(where: { segments: ["families"] }) { id need verdict cause status history { at status note } }
}
mutation Decide {
  setGapStatus(gap: "families/stays-family-okinawa", status: REVIEWING, note: "Who has family rooms?") { gap { id status } userErrors { message } }
}
`,g=`{
  "search": "chen",
  "first": 5,
  "after": null
}
`,_=`{
  "by": [
    { "identity": { "kind": "EMAIL", "value": "Mei.Chen@Example.com" } },
    { "id": "c002" },
    { "identity": { "kind": "PHONE", "value": "+886 910-000-000" } },
    { "identity": { "kind": "EMAIL", "value": "nobody@example.com" } }
  ]
}
`,v=`{
  "category": "japan",
  "first": 20
}
`,y=`{
  "rule": {
    "all": [
      { "attribute": { "name": "children", "gte": 1 } },
      { "event": { "types": ["SEARCH"], "within": "P90D", "count": { "gte": 2 } } },
      { "not": { "event": { "types": ["PURCHASE"], "within": "P90D" } } }
    ]
  }
}
`,b=`{
  "product": {
    "categories": ["stays-family-okinawa", "japan-okinawa"],
    "price": "6200",
    "tags": ["stay", "family"],
    "attributes": [{ "name": "capacity", "value": 4 }],
    "variants": 3
  }
}
`,x=Object.assign({"../examples/01-profile.graphql":e,"../examples/02-found-nothing.graphql":t,"../examples/03-find-by-name.graphql":n,"../examples/04-several-at-once.graphql":r,"../examples/05-products.graphql":i,"../examples/06-touchpoints.graphql":a,"../examples/07-merge-dry-run.graphql":o,"../examples/08-what-is-loaded.graphql":s,"../examples/09-segment-preview.graphql":c,"../examples/10-segments.graphql":l,"../examples/11-demand.graphql":u,"../examples/12-population.graphql":d,"../examples/13-gaps.graphql":f,"../examples/14-act-on-a-gap.graphql":p,"../examples/15-simulate-a-product.graphql":m,"../examples/16-gaps-as-they-change.graphql":h}),S=Object.assign({"../examples/03-find-by-name.json":g,"../examples/04-several-at-once.json":_,"../examples/05-products.json":v,"../examples/09-segment-preview.json":y,"../examples/15-simulate-a-product.json":b}),C=Object.keys(x).sort().map(e=>{let t=(x[e]??``).trimEnd(),[n=``,r=``]=t.split(`
`).map(e=>e.replace(/^#\s*/,``));return{english:n,chinese:r,query:t,variables:(S[e.replace(/\.graphql$/,`.json`)]??``).trimEnd()}});function w(e){let t=new URLSearchParams({query:e.query});return e.variables.trim()!==``&&t.set(`variables`,e.variables),`/playground#${t}`}function T(e){let t=new URLSearchParams(e.slice(1)),n=t.get(`query`);return n?{query:n,variables:t.get(`variables`)??``}:void 0}export{w as n,C as r,T as t};