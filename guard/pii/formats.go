package pii

// format is a published form of a secret: a prefix, and how many bytes of which classes
// follow it. Of prefixes that begin alike the longer stands first.
type format struct {
	prefix   string
	what     string
	min, max uint16 // 0 = no maximum
	bytes    uint16
	score    uint8
	check    formCheck
}

// formCheck is what more a form asks for.
type formCheck uint8

const (
	plain formCheck = iota
	checkGitHub
	checkSendGrid
	checkPyPI
	checkJWT
	checkDiscord
)

// formats are sorted by their first byte. The forms are from the vendors' documentation and
// from the tokens that they hand out.
var formats = [...]format{
	{"1//0", "google_oauth_token", 40, 0, url64, 90, plain},
	{"AGE-SECRET-KEY-1", "age_key", 58, 58, upper | digit, 97, plain},
	{"ATATT3", "atlassian_token", 60, 0, b68, 93, plain},
	{"ABIA", "aws_access_key_id", 16, 16, upper | digit, 90, plain},
	{"ACCA", "aws_access_key_id", 16, 16, upper | digit, 90, plain},
	{"AIza", "google_api_key", 35, 35, url64, 95, plain},
	{"AKIA", "aws_access_key_id", 16, 16, upper | digit, 95, plain},
	{"AROA", "aws_access_key_id", 17, 17, upper | digit, 70, plain},
	{"ASIA", "aws_access_key_id", 16, 16, upper | digit, 95, plain},
	{"A3T", "aws_access_key_id", 17, 17, upper | digit, 60, plain},
	{"AC", "twilio_account", 32, 32, hex16, 60, plain},
	{"AKCp", "artifactory_key", 69, 69, alnum, 93, plain},
	{"CCIPAT_", "circleci_token", 63, 63, word, 97, plain},
	{"EAACEdEose0cBA", "facebook_token", 20, 0, alnum, 95, plain},
	{"EAAA", "square_token", 60, 60, url64, 85, plain},
	{"EZAK", "easypost_key", 54, 54, alnum, 90, plain},
	{"GR1348941", "gitlab_token", 20, 0, url64, 95, plain},
	{"GOCSPX-", "google_oauth_secret", 28, 0, url64, 95, plain},
	{"HRKU-", "heroku_key", 36, 0, url64, 93, plain},
	{"LTAI", "alibaba_access_key_id", 20, 20, alnum, 93, plain},
	{"M", "discord_token", 0, 0, url64, 0, checkDiscord},
	{"NRAK-", "newrelic_key", 27, 27, alnum, 93, plain},
	{"N", "discord_token", 0, 0, url64, 0, checkDiscord},
	{"O", "discord_token", 0, 0, url64, 0, checkDiscord},
	{"PMAK-", "postman_key", 40, 0, url64, 93, plain},
	{"SG.", "sendgrid_key", 66, 66, b68, 95, checkSendGrid},
	{"SK", "twilio_key", 32, 32, hex16, 85, plain},
	{"api_org_", "hugging_face_token", 34, 34, alnum, 93, plain},
	{"atlasv1.", "terraform_token", 60, 0, url64, 97, plain},
	{"bkua_", "buildkite_token", 40, 40, hex16, 95, plain},
	{"cio_", "crates_io_token", 32, 32, alnum, 85, plain},
	{"discordapp.com/api/webhooks/", "discord_webhook", 60, 0, url64 | std64, 95, plain},
	{"discord.com/api/webhooks/", "discord_webhook", 60, 0, url64 | std64, 95, plain},
	{"dckr_oat_", "docker_token", 27, 0, url64, 95, plain},
	{"dckr_pat_", "docker_token", 27, 0, url64, 95, plain},
	{"doo_v1_", "digitalocean_token", 64, 64, hex16, 97, plain},
	{"dop_v1_", "digitalocean_token", 64, 64, hex16, 97, plain},
	{"dor_v1_", "digitalocean_token", 64, 64, hex16, 97, plain},
	{"dp.pt.", "doppler_token", 40, 0, alnum, 93, plain},
	{"dp.st.", "doppler_token", 40, 0, b68, 93, plain},
	{"dapi", "databricks_token", 32, 32, hex16, 92, plain},
	{"dt0c01.", "dynatrace_token", 89, 89, b68, 97, plain},
	{"eyJ", "jwt", 0, 0, b68, 0, checkJWT},
	{"figd_", "figma_token", 36, 0, url64, 93, plain},
	{"fo1_", "fly_token", 43, 0, url64, 90, plain},
	{"fm2_", "fly_token", 100, 0, std64, 93, plain},
	{"github_pat_", "github_token", 82, 82, word, 97, plain},
	{"glagent-", "gitlab_token", 20, 0, b68, 95, plain},
	{"glsoat-", "gitlab_token", 20, 0, b68, 95, plain},
	{"glcbt-", "gitlab_token", 20, 0, b68, 95, plain},
	{"glimt-", "gitlab_token", 20, 0, b68, 95, plain},
	{"glpat-", "gitlab_token", 20, 0, b68, 95, plain},
	{"glptt-", "gitlab_token", 20, 0, b68, 95, plain},
	{"gldt-", "gitlab_token", 20, 0, b68, 95, plain},
	{"glft-", "gitlab_token", 20, 0, b68, 95, plain},
	{"glrt-", "gitlab_token", 20, 0, b68, 95, plain},
	{"glsa_", "grafana_token", 32, 0, word, 93, plain},
	{"gho_", "github_token", 36, 255, alnum, 97, checkGitHub},
	{"ghp_", "github_token", 36, 255, alnum, 97, checkGitHub},
	{"ghr_", "github_token", 36, 255, alnum, 97, checkGitHub},
	{"ghs_", "github_token", 36, 0, b68, 97, checkGitHub},
	{"ghu_", "github_token", 36, 255, alnum, 97, checkGitHub},
	{"glc_", "grafana_token", 32, 0, std64, 90, plain},
	{"gsk_", "groq_key", 48, 60, alnum, 95, plain},
	{"hooks.slack.com/workflows/", "slack_webhook", 30, 0, std64, 95, plain},
	{"hooks.slack.com/services/", "slack_webhook", 30, 0, std64, 95, plain},
	{"hvb.", "vault_token", 24, 0, url64, 93, plain},
	{"hvs.", "vault_token", 24, 0, url64, 93, plain},
	{"hf_", "hugging_face_token", 30, 60, alnum, 93, plain},
	{"key-", "mailgun_key", 32, 32, hex16, 85, plain},
	{"lin_oauth_", "linear_key", 32, 64, alnum, 95, plain},
	{"lin_api_", "linear_key", 32, 48, alnum, 95, plain},
	{"lsv2_pt_", "langsmith_key", 43, 43, word, 95, plain},
	{"lsv2_sk_", "langsmith_key", 43, 43, word, 95, plain},
	{"mfa.", "discord_token", 80, 100, url64, 85, plain},
	{"nfp_", "netlify_token", 36, 0, alnum, 90, plain},
	{"npm_", "npm_token", 36, 36, alnum, 97, checkGitHub},
	{"ntn_", "notion_token", 40, 60, alnum, 93, plain},
	{"nvapi-", "nvidia_key", 32, 0, url64, 95, plain},
	{"ops_eyJ", "onepassword_token", 100, 0, url64, 95, plain},
	{"pscale_tkn_", "planetscale_token", 32, 0, b68, 93, plain},
	{"pscale_pw_", "planetscale_password", 32, 0, b68, 93, plain},
	{"pplx-", "perplexity_key", 40, 0, alnum, 95, plain},
	{"pypi-", "pypi_token", 50, 0, url64, 95, checkPyPI},
	{"pul-", "pulumi_token", 40, 40, hex16, 92, plain},
	{"pcsk_", "pinecone_key", 40, 0, word, 95, plain},
	{"phx_", "posthog_key", 40, 0, word, 93, plain},
	{"rubygems_", "rubygems_key", 48, 48, hex16, 95, plain},
	{"rk_live_", "stripe_key", 16, 255, alnum, 97, plain},
	{"rk_test_", "stripe_key", 16, 255, alnum, 95, plain},
	{"r8_", "replicate_token", 37, 37, alnum, 93, plain},
	{"re_", "resend_key", 30, 40, word, 80, plain},
	{"shippo_live_", "shippo_token", 40, 40, hex16, 95, plain},
	{"shippo_test_", "shippo_token", 40, 40, hex16, 93, plain},
	{"sk-svcacct-", "openai_key", 20, 0, url64, 97, plain},
	{"sb_secret_", "supabase_key", 20, 0, url64, 93, plain},
	{"sk-admin-", "openai_key", 20, 0, url64, 97, plain},
	{"sk-or-v1-", "openrouter_key", 32, 0, url64, 97, plain},
	{"sk-None-", "openai_key", 20, 0, url64, 95, plain},
	{"sk-proj-", "openai_key", 20, 0, url64, 97, plain},
	{"sk_live_", "stripe_key", 16, 255, alnum, 97, plain},
	{"sk_test_", "stripe_key", 16, 255, alnum, 95, plain},
	{"secret_", "notion_token", 43, 43, alnum, 88, plain},
	{"shptka_", "shopify_token", 32, 32, hex16, 95, plain},
	{"sk-ant-", "anthropic_key", 20, 0, url64, 97, plain},
	{"sntrys_", "sentry_token", 40, 0, b68, 93, plain},
	{"sntryu_", "sentry_token", 64, 64, hex16, 93, plain},
	{"sq0atp-", "square_token", 22, 22, url64, 93, plain},
	{"sq0csp-", "square_secret", 43, 43, url64, 93, plain},
	{"shpat_", "shopify_token", 32, 32, hex16, 95, plain},
	{"shpca_", "shopify_token", 32, 32, hex16, 95, plain},
	{"shppa_", "shopify_token", 32, 32, hex16, 95, plain},
	{"shpss_", "shopify_token", 32, 32, hex16, 95, plain},
	{"sbp_", "supabase_token", 40, 40, hex16, 95, plain},
	{"sk-", "openai_key", 32, 0, alnum, 92, plain},
	{"sqp_", "sonarqube_token", 40, 40, hex16, 95, plain},
	{"squ_", "sonarqube_token", 40, 40, hex16, 95, plain},
	{"sqa_", "sonarqube_token", 40, 40, hex16, 95, plain},
	{"sk.eyJ", "mapbox_token", 60, 0, b68, 95, plain},
	{"tskey-", "tailscale_key", 20, 0, url64, 93, plain},
	{"whsec_", "webhook_secret", 24, 0, std64, 92, plain},
	{"xkeysib-", "brevo_key", 64, 0, url64, 95, plain},
	{"xapp-", "slack_token", 20, 0, url64, 95, plain},
	{"xoxa-", "slack_token", 20, 0, url64, 95, plain},
	{"xoxb-", "slack_token", 20, 0, url64, 95, plain},
	{"xoxc-", "slack_token", 20, 0, url64, 95, plain},
	{"xoxd-", "slack_token", 20, 0, url64, 95, plain},
	{"xoxe-", "slack_token", 20, 0, url64, 95, plain},
	{"xoxe.", "slack_token", 20, 0, b68, 95, plain},
	{"xoxo-", "slack_token", 20, 0, url64, 95, plain},
	{"xoxp-", "slack_token", 20, 0, url64, 95, plain},
	{"xoxr-", "slack_token", 20, 0, url64, 95, plain},
	{"xoxs-", "slack_token", 20, 0, url64, 95, plain},
	{"xai-", "xai_key", 60, 0, alnum, 95, plain},
	{"ya29.", "google_oauth_token", 20, 0, b68, 92, plain},
}

// formatIndex is where the forms begin whose prefix begins with a byte, from '0' on.
var formatIndex = [...]uint8{
	0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 12, 12, 13, 13, 16, 16, 18, 19, 19, 19, 19, 20, 21, 23, 24, 25, 25, 25, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 29, 30, 31, 42, 43, 46, 64, 69, 69, 69, 70, 74, 75, 79, 80, 87, 87, 92, 119, 120, 120, 120, 121, 134, 135, 135,
}

// formatSecond has, for each first byte from '0' on, which second bytes there are, by their last five bits.
var formatSecond = [...]uint32{
	0x0, 0x8000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0,
	0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0,
	0x0, 0x1c0a8c, 0x0, 0x8, 0x0, 0x4000002, 0x0, 0x48000,
	0x40000, 0x0, 0x0, 0x0, 0x100000, 0xffffffff, 0xffffffff, 0xffffffff,
	0x2000, 0x0, 0x0, 0x880, 0x0, 0x0, 0x0, 0x0,
	0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0,
	0x0, 0x110000, 0x800, 0x200, 0x11820a, 0x2000000, 0xa200, 0x81300,
	0x408040, 0x0, 0x0, 0x20, 0x80200, 0x40, 0x510040, 0x10000,
	0x2290108, 0x0, 0x1200820, 0x24924, 0x80000, 0x0, 0x0, 0x100,
	0x8802, 0x2, 0x0,
}
