package e2e

// providers begin every policy here. http://mock, https://mock, http://twin and
// http://nowhere stand for the addresses that they get; nobody listens at the last.
const providers = `
version: 1
providers:
  openai:          {dialect: openai,    endpoint: http://mock}
  anthropic:       {dialect: anthropic, endpoint: http://mock}
  keyed-openai:    {dialect: openai,    endpoint: http://mock/base, credential: {env: SLUICE_E2E_OPENAI_KEY}}
  keyed-anthropic: {dialect: anthropic, endpoint: http://mock/base, credential: {env: SLUICE_E2E_ANTHROPIC_KEY}, default_max_tokens: 64}
  unkeyed:         {dialect: openai,    endpoint: http://mock, credential: {env: SLUICE_E2E_UNSET}}
  tls-openai:      {dialect: openai,    endpoint: https://mock}
  tls-anthropic:   {dialect: anthropic, endpoint: https://mock}
  twin-openai:     {dialect: openai,    endpoint: http://twin}
  twin-anthropic:  {dialect: anthropic, endpoint: http://twin}
  down-openai:     {dialect: openai,    endpoint: http://nowhere}
  down-anthropic:  {dialect: anthropic, endpoint: http://nowhere}
identity:
  key:     {header: authorization}         # where OpenAI's clients have it
  ant-key: {header: x-api-key}             # and Anthropic's
  case:    {header: x-case}                # finds a request's record
  team:    {header: x-team}
models:
  claude-haiku-4-5:  {targets: [{provider: anthropic,       model: claude-haiku-4-5}]}
  keyed-gpt:         {targets: [{provider: keyed-openai,    model: gpt-4o-mini}]}
  keyed-claude:      {targets: [{provider: keyed-anthropic, model: claude-haiku-4-5}]}
  unkeyed-gpt:       {targets: [{provider: unkeyed,         model: gpt-4o-mini}]}
  gpt-4.1:           {targets: [{provider: twin-openai,     model: gpt-4.1}]}
  claude-sonnet-4-5: {targets: [{provider: twin-anthropic,  model: claude-sonnet-4-5}]}
  tls-gpt:           {targets: [{provider: tls-openai,      model: gpt-4o-mini}]}
  tls-claude:        {targets: [{provider: tls-anthropic,   model: claude-haiku-4-5}]}
  down-gpt:          {targets: [{provider: down-openai,     model: gpt-4o-mini}]}
  down-claude:       {targets: [{provider: down-anthropic,  model: claude-haiku-4-5}]}
`

// monthly is a policy with one budget, which does not refill while a test looks.
const monthly = providers + `
default_provider: openai
budgets:
  - {name: key-month, per: [key, ant-key], unit: tokens, limit: 100000, calendar: month}
`

const monthlyLimit = 100_000

// several is a policy with a budget of every kind. None of them lowers a request's cap
// to what is left, and an answer that nobody waited for costs what was reserved. There
// is no default provider.
const several = providers + `
  gpt-4o-mini:            {targets: [{provider: openai, model: gpt-4o-mini}]}
  gpt-4.1-nano:           {targets: [{provider: openai, model: gpt-4.1-nano}]}
  text-embedding-3-small: {targets: [{provider: openai, model: text-embedding-3-small}]}
  nobody-knows-its-price: {targets: [{provider: openai, model: nobody-knows-its-price}]}
budgets:
  - {name: key-bucket, per: [key, ant-key],        unit: tokens,   limit: 3600000, every: 1h}
  - {name: key-day,    per: [key, ant-key],        unit: requests, limit: 20, calendar: day}
  - {name: model-usd,  per: [key, ant-key, model], unit: usd,      limit: 1.5, calendar: month}
  - {name: key-try,    per: [key, ant-key],        unit: requests, limit: 2, calendar: week, mode: shadow}
budget: {clamp: false, settle_on_disconnect: reserved}
`
