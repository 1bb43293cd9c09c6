using System.Text;

namespace Cencori.Edge.Tests.Policies.Detectors.Secrets;

/// <summary>Keys in the formats that vendors have published, independent of the table under test.</summary>
internal static class KeySamples
{
    private const string Digit = "0123456789";
    private const string Small = "abcdefghijklmnopqrstuvwxyz";
    private const string Capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    // d digits, h hex, x hex of both cases, a letters and digits, l letters, c capitals and digits, b base32, u base64url, w word characters, s base64. A number
    // after it is the length. Text in brackets is literal.
    public static readonly (string Vendor, string Form)[] Forms =
    [
        ("openai", "[sk-proj-]u156"), ("openai", "[sk-proj-]u48"), ("openai", "[sk-svcacct-]u156"), ("openai", "[sk-admin-]u156"), ("openai", "[sk-]a20[T3BlbkFJ]a20"), ("deepseek", "[sk-]h32"),
        ("anthropic", "[sk-ant-api03-]u93[AA]"), ("anthropic", "[sk-ant-admin01-]u93[AA]"), ("openrouter", "[sk-or-v1-]h64"), ("google", "[AIza]u35"), ("google", "[AQ.Ab8]u49"), ("google", "[GOCSPX-]u28"),
        ("google", "[ya29.]u160"), ("hugging_face", "[hf_]l34"), ("groq", "[gsk_]a52"), ("xai", "[xai-]a80"), ("perplexity", "[pplx-]h48"), ("perplexity", "[pplx-]a48"), ("replicate", "[r8_]a37"),
        ("fireworks", "[fw_]a24"), ("cerebras", "[csk-]a48"), ("nvidia", "[nvapi-]u64"), ("elevenlabs", "[sk_]h48"), ("tavily", "[tvly-dev-]a32"), ("langsmith", "[lsv2_pt_]h32[_]h10"),
        ("aws", "[AKIA]b16"), ("aws", "[ASIA]b16"), ("aws", "[ABSK]s128"), ("azure", "[AccountKey=]s86[==]"), ("azure", "[SharedAccessKey=]s43[=]"), ("alibaba", "[LTAI5t]a18"), ("digitalocean", "[dop_v1_]h64"),
        ("databricks", "[dapi]h32"), ("supabase", "[sbp_]h40"), ("planetscale", "[pscale_tkn_]u43"),
        ("github", "[ghp_]a36"), ("github", "[gho_]a36"), ("github", "[ghu_]a36"), ("github", "[ghs_]a36"), ("github", "[ghr_]a76"), ("github", "[github_pat_]a22[_]a59"), ("gitlab", "[glpat-]u20"),
        ("npm", "[npm_]a36"), ("pypi", "[pypi-AgEIcHlwaS5vcmc]u150"), ("rubygems", "[rubygems_]h48"), ("docker", "[dckr_pat_]u27"), ("postman", "[PMAK-]h24[-]h34"), ("vault", "[hvs.]u95"), ("vault", "[hvs.]a24"),
        ("terraform", "[.atlasv1.]u67"), ("doppler", "[dp.pt.]a43"), ("age", "[AGE-SECRET-KEY-1]c58"), ("new_relic", "[NRAK-]c27"), ("sentry", "[sntryu_]h64"), ("grafana", "[glsa_]a32[_]x8"),
        ("linear", "[lin_api_]a40"), ("notion", "[ntn_]a46"), ("notion", "[secret_]a43"), ("figma", "[figd_]u40"), ("slack", "[xoxb-]d12[-]d13[-]a24"), ("slack", "[xoxp-]d12[-]d12[-]d13[-]h32"), ("slack", "[xoxa-2-]d12[-]d12[-]h32"),
        ("slack", "[xoxr-]d12[-]d12[-]h32"), ("slack", "[xoxs-]d12[-]d12[-]d12[-]h10"), ("slack", "[xapp-1-A]c10[-]d13[-]h64"), ("slack", "[hooks.slack.com/services/T]c8[/B]c10[/]a24"),
        ("discord", "[discord.com/api/webhooks/]d18[/]u68"), ("discord", "[discordapp.com/api/webhooks/]d19[/]u68"), ("twilio", "[SK]h32"), ("sendgrid", "[SG.]u22[.]u43"), ("mailgun", "[key-]h32"),
        ("brevo", "[xkeysib-]h64[-]a16"), ("resend", "[re_]a8[_]a24"), ("stripe", "[sk_live_]a24"), ("stripe", "[sk_live_51]a97"), ("stripe", "[rk_live_]a24"), ("stripe", "[sk_test_]a99"), ("stripe", "[whsec_]s32"),
        ("square", "[sq0csp-]u43"), ("shopify", "[shpat_]h32"), ("shopify", "[shpss_]h32"),
    ];

    /// <summary>Formats with a single length. One character more or less makes them invalid.</summary>
    public static readonly string[] Exact =
    [
        "[sk-]a48", "[sk-]h32", "[sk-or-v1-]h64", "[AIza]u35", "[GOCSPX-]u28", "[r8_]a37", "[AKIA]b16", "[dapi]h32", "[sbp_]h40", "[npm_]a36", "[dop_v1_]h64", "[NRAK-]c27", "[SK]h32", "[key-]h32", "[shpat_]h32",
        "[SG.]u22[.]u43", "[PMAK-]h24[-]h34", "[secret_]a43", "[sk_]h48",
    ];

    public static string Make(Random random, string form)
    {
        var text = new StringBuilder();
        for (var at = 0; at < form.Length;)
        {
            if (form[at] == '[')
            {
                var end = form.IndexOf(']', at);
                text.Append(form, at + 1, end - at - 1);
                at = end + 1;
                continue;
            }

            var alphabet = Alphabet(form[at++]);
            var digits = form[at..].TakeWhile(char.IsAsciiDigit).Count();
            text.Append(random.GetItems(alphabet, int.Parse(form.AsSpan(at, digits))));
            at += digits;
        }

        return text.ToString();
    }

    private static char[] Alphabet(char kind) =>
    [
        .. kind switch
        {
            'd' => Digit,
            'h' => Digit + "abcdef",
            'x' => Digit + "abcdefABCDEF",
            'l' => Small + Capital,
            'c' => Capital + Digit,
            'b' => Capital + "234567",
            'u' => Small + Capital + Digit + "_-",
            'w' => Small + Capital + Digit + "_",
            's' => Small + Capital + Digit + "+/",
            _ => Small + Capital + Digit,
        },
    ];
}
