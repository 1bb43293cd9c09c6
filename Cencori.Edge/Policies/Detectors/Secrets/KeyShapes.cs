using System.Buffers;
using static Cencori.Edge.Policies.Detectors.Secrets.KeyAlphabet;

namespace Cencori.Edge.Policies.Detectors.Secrets;

/// <summary>Formats of vendors' keys, as published by vendors and by secret scanners. Vendors whose keys have no prefix are not included.</summary>
internal static class KeyShapes
{
    public static readonly KeyShape[] All =
    [
        // Model providers. Many use "sk-", each with its own length.
        new("openai", "sk-proj-", new KeyPart(Url, 40, 220)),
        new("openai", "sk-svcacct-", new KeyPart(Url, 40, 220)),
        new("openai", "sk-admin-", new KeyPart(Url, 40, 220)),
        new("openai", "sk-", new KeyPart(Base62, 48)),
        new("deepseek", "sk-", new KeyPart(Hex, 32)),
        new("anthropic", "sk-ant-", new KeyPart(Url, 80, 140)),
        new("openrouter", "sk-or-v1-", new KeyPart(Hex, 64)),
        new("google", "AIza", new KeyPart(Url, 35)),
        new("google", "AQ.Ab", new KeyPart(Url, 40, 80)),
        new("google", "GOCSPX-", new KeyPart(Url, 28)),
        new("google", "ya29.", new KeyPart(Url, 60, 250)),
        new("hugging_face", "hf_", new KeyPart(Base62, 34, 40)),
        new("groq", "gsk_", new KeyPart(Base62, 48, 60)),
        new("xai", "xai-", new KeyPart(Base62, 70, 90)),
        new("perplexity", "pplx-", new KeyPart(AnyCase, 40, 64)),
        new("replicate", "r8_", new KeyPart(Base62, 37)),
        new("fireworks", "fw_", new KeyPart(Base62, 22, 28)),
        new("cerebras", "csk-", new KeyPart(AnyCase, 48)),
        new("nvidia", "nvapi-", new KeyPart(Url, 60, 80)),
        new("together", "tgp_v1_", new KeyPart(Url, 40, 50)),
        new("elevenlabs", "sk_", new KeyPart(Hex, 48)),
        new("pinecone", "pcsk_", new KeyPart(Word, 60, 80)),
        new("tavily", "tvly-", new KeyPart(Url, 30, 64)),
        new("langsmith", "lsv2_", new KeyPart(Letters, 2), new KeyPart(Hex, 32), new KeyPart(Hex, 10)) { Separator = '_' },

        // Clouds.
        new("aws", "AKIA", new KeyPart(Base32, 16)),
        new("aws", "ASIA", new KeyPart(Base32, 16)),
        new("aws", "ABSK", new KeyPart(Base64, 100, 220)),
        new("aws", "secret_access_key", new KeyPart(Base64, 40)) { IsName = true },
        new("aws", "SECRET_ACCESS_KEY", new KeyPart(Base64, 40)) { IsName = true },
        new("aws", "ecretAccessKey", new KeyPart(Base64, 40)) { IsName = true },
        new("azure", "AccountKey=", new KeyPart(Base64, 88)),
        new("azure", "SharedAccessKey=", new KeyPart(Base64, 44)),
        new("alibaba", "LTAI", new KeyPart(Base62, 16, 20)),
        new("digitalocean", "dop_v1_", new KeyPart(Hex, 64)),
        new("digitalocean", "doo_v1_", new KeyPart(Hex, 64)),
        new("databricks", "dapi", new KeyPart(Hex, 32)),
        new("supabase", "sbp_", new KeyPart(Hex, 40)),
        new("supabase", "sb_secret_", new KeyPart(Url, 30, 48)),
        new("planetscale", "pscale_tkn_", new KeyPart(Url, 32, 64)),
        new("planetscale", "pscale_pw_", new KeyPart(Url, 32, 64)),

        // Source code and builds.
        new("github", "ghp_", new KeyPart(Base62, 36, 250)),
        new("github", "gho_", new KeyPart(Base62, 36, 250)),
        new("github", "ghu_", new KeyPart(Base62, 36, 250)),
        new("github", "ghs_", new KeyPart(Base62, 36, 250)),
        new("github", "ghr_", new KeyPart(Base62, 36, 250)),
        new("github", "github_pat_", new KeyPart(Word, 60, 250)),
        new("gitlab", "glpat-", new KeyPart(Url, 20, 250)),
        new("gitlab", "gldt-", new KeyPart(Url, 20, 250)),
        new("gitlab", "glrt-", new KeyPart(Url, 20, 250)),
        new("npm", "npm_", new KeyPart(Base62, 36)),
        new("pypi", "pypi-AgE", new KeyPart(Url, 80, 220)),
        new("rubygems", "rubygems_", new KeyPart(Hex, 48)),
        new("docker", "dckr_pat_", new KeyPart(Url, 27)),
        new("postman", "PMAK-", new KeyPart(Hex, 24), new KeyPart(Hex, 34)) { Separator = '-' },
        new("vault", "hvs.", new KeyPart(Url, 24, 220)),
        new("vault", "hvb.", new KeyPart(Url, 100, 220)),
        new("terraform", ".atlasv1.", new KeyPart(Url, 60, 70)),
        new("doppler", "dp.pt.", new KeyPart(Base62, 40, 44)),
        new("age", "AGE-SECRET-KEY-1", new KeyPart(Capitals, 58)),

        // Services for monitoring, planning, design and documents.
        new("new_relic", "NRAK-", new KeyPart(Capitals, 27)),
        new("sentry", "sntrys_", new KeyPart(new KeyAlphabet(SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/=_"), 3, IsMixed: true), 80, 250)),
        new("sentry", "sntryu_", new KeyPart(Hex, 64)),
        new("grafana", "glsa_", new KeyPart(Base62, 32), new KeyPart(AnyHex, 8)) { Separator = '_' },
        new("grafana", "glc_", new KeyPart(Base64, 32, 250)),
        new("linear", "lin_api_", new KeyPart(Base62, 32, 48)),
        new("notion", "ntn_", new KeyPart(Base62, 40, 50)),
        new("notion", "secret_", new KeyPart(Base62, 43)),
        new("figma", "figd_", new KeyPart(Url, 36, 60)),

        // Messaging and payments.
        Slack("xoxb-"),
        Slack("xoxp-"),
        Slack("xoxa-"),
        Slack("xoxr-"),
        Slack("xoxs-"),
        Slack("xapp-"),
        new("slack", "hooks.slack.com/services/", new KeyPart(Capitals, 8, 12), new KeyPart(Capitals, 8, 12), new KeyPart(Base62, 24)) { Separator = '/' },
        new("discord", "discord.com/api/webhooks/", new KeyPart(Digits, 17, 20), new KeyPart(Url, 60, 80)) { Separator = '/' },
        new("discord", "discordapp.com/api/webhooks/", new KeyPart(Digits, 17, 20), new KeyPart(Url, 60, 80)) { Separator = '/' },
        new("telegram", ":AA", new KeyPart(Url, 33)) { DigitsBefore = 8 },
        new("twilio", "SK", new KeyPart(Hex, 32)),
        new("sendgrid", "SG.", new KeyPart(Url, 22), new KeyPart(Url, 43)) { Separator = '.' },
        new("mailgun", "key-", new KeyPart(Hex, 32)),
        new("brevo", "xkeysib-", new KeyPart(Hex, 64), new KeyPart(Base62, 16)) { Separator = '-' },
        new("resend", "re_", new KeyPart(Base62, 8), new KeyPart(Base62, 24)) { Separator = '_' },
        new("stripe", "sk_live_", new KeyPart(Base62, 24, 250)),
        new("stripe", "sk_test_", new KeyPart(Base62, 24, 250)),
        new("stripe", "rk_live_", new KeyPart(Base62, 24, 250)),
        new("stripe", "rk_test_", new KeyPart(Base62, 24, 250)),
        new("stripe", "whsec_", new KeyPart(Base64, 32, 64)),
        new("square", "sq0csp-", new KeyPart(Url, 43)),
        new("shopify", "shpat_", new KeyPart(AnyHex, 32)),
        new("shopify", "shpca_", new KeyPart(AnyHex, 32)),
        new("shopify", "shppa_", new KeyPart(AnyHex, 32)),
        new("shopify", "shpss_", new KeyPart(AnyHex, 32)),
    ];

    // Slack keys: a number, optionally more numbers, and a random part.
    private static KeyShape Slack(string head) => new("slack", head, new KeyPart(Digits, 1, 14), new KeyPart(new KeyAlphabet(Url.Characters, 2.5), 24, 240)) { Separator = '-' };
}
