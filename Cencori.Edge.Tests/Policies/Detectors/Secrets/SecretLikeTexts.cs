using System.Globalization;
using System.Text;

namespace Cencori.Edge.Tests.Policies.Detectors.Secrets;

/// <summary>Texts that people send to models and that look like secrets, but are not.</summary>
internal static class SecretLikeTexts
{
    private static readonly string[] Words =
        "the a of to in and for with on by from this that is was are be not it as at or an key secret token skill task risk ask desk api client server value path index module package version password header config handler request response parse build release branch commit merge test user account name list item error warning function return const import export default public static void string number boolean async await null true false"
            .Split(' ');

    public static readonly (string Kind, Func<Random, string> Make)[] All =
    [
        ("prose", random => Sentence(random, 40)),
        ("source code", Code),
        ("names in code", random => $"{Snake(random)} = {Camel(random)}({Kebab(random)}, \"{Camel(random)}/{Snake(random)}\")"),
        ("names with heads", random => $"{Pick(random, "sk-", "sk_", "key-", "hf_", "npm_", "re_", "fw_", "secret_", "SK", "SG.", "AKIA", "ghp_", "r8_", "dp.pt.", "xoxb-", "glpat-", "dapi")}{Pick(random, Snake(random), Kebab(random), Camel(random), new string('x', random.Next(60)), Hex(random, 7), Snake(random) + Kebab(random))}"),
        ("log", random => $"2026-11-{random.Next(1, 30):00}T{random.Next(24):00}:12:33.{random.Next(1000):000}Z INFO {Camel(random)} request_id={Guid(random)} trace={Hex(random, 32)} span={Hex(random, 16)} took={random.Next(5000)}ms"),
        ("UUID", random => $"id: {Guid(random)}, key: {Guid(random)}, token {Guid(random):N}"),
        ("hash", random => $"sha256:{Hex(random, 64)} md5={Hex(random, 32)} sha1 {Hex(random, 40)} sha512-{Base64(random, 64)}"),
        ("base64 of an image", random => $"data:image/png;base64,{Base64(random, random.Next(200, 3000))}"),
        ("base64 of URLs", random => Base64(random, random.Next(50, 600)).Replace('+', '-').Replace('/', '_').TrimEnd('=')),
        ("base64 of JSON", random => Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"cursor":{{random.Next()}},"{{Snake(random)}}":"{{Guid(random)}}","page":{{random.Next(9)}}}"""))),
        ("minified JavaScript", Minified),
        ("lock file", random => $"\"node_modules/{Kebab(random)}\": {{\"version\": \"{random.Next(20)}.{random.Next(20)}.{random.Next(9)}\", \"resolved\": \"https://registry.example.com/{Kebab(random)}/-/{Kebab(random)}-1.2.3.tgz\", \"integrity\": \"sha512-{Base64(random, 64)}\"}}"),
        ("git", random => $"commit {Hex(random, 40)}\nAuthor: A <a@example.com>\n\n    {Sentence(random, 8)}\n\ndiff --git a/{Snake(random)}.py b/{Snake(random)}.py\nindex {Hex(random, 7)}..{Hex(random, 7)} 100644\n@@ -1,2 +1,2 @@\n-{Snake(random)}\n+{Snake(random)}"),
        ("container", random => $"FROM registry.example.com/{Kebab(random)}@sha256:{Hex(random, 64)}\nENV {Snake(random).ToUpperInvariant()}={Camel(random)}\nRUN npm ci --{Kebab(random)}"),
        ("configuration", random => $"{Snake(random).ToUpperInvariant()}=${{{Snake(random).ToUpperInvariant()}}}\nAPI_KEY=your-{Kebab(random)}-here\nSECRET_ACCESS_KEY=<{Kebab(random)}>\naws_secret_access_key = {Snake(random)}\nTOKEN=changeme"),
        ("public key", random => KeyLayouts.Pem(random, Pick(random, "PUBLIC KEY", "CERTIFICATE", "RSA PUBLIC KEY"), "\n")),
        ("SSH", random => $"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{Base64(random, 32).TrimEnd('=')} {Snake(random)}@host\nSHA256:{Base64(random, 32).TrimEnd('=')}"),
        ("address", random => $"https://{Kebab(random)}.example.com/{Kebab(random)}/{Guid(random)}/{Snake(random)}?page={random.Next(50)}&session={Hex(random, 32)}&q={string.Join('+', Sentence(random, 6).Split(' '))}"),
        ("numbers", random => string.Join(' ', Enumerable.Range(0, 30).Select(_ => random.NextInt64(1, 1_000_000_000_000_000).ToString(CultureInfo.InvariantCulture)))),
        ("hex dump", random => string.Join('\n', Enumerable.Range(0, 8).Select(line => $"{line * 16:x8}  {string.Join(' ', Enumerable.Range(0, 16).Select(_ => Hex(random, 2)))}"))),
        ("CSS", random => string.Concat(Enumerable.Range(0, 10).Select(_ => $".{Kebab(random)}-{Hex(random, 6)}{{color:#{Hex(random, 6)};mask-{Kebab(random)}:task-{Kebab(random)}}}"))),
        ("other scripts", random => $"设置 {Snake(random)} 的密钥：请参阅文档。Ключ {Camel(random)} не найден. キー{Kebab(random)}は無効です。 مفتاح {Snake(random)}"),
    ];

    private static string Sentence(Random random, int words) => string.Join(' ', random.GetItems(Words, words)) + ".";

    private static string Snake(Random random) => string.Join('_', random.GetItems(Words, random.Next(2, 7)));

    private static string Kebab(Random random) => string.Join('-', random.GetItems(Words, random.Next(2, 7)));

    private static string Camel(Random random) => string.Concat(random.GetItems(Words, random.Next(2, 6)).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string Code(Random random) => string.Join('\n', Enumerable.Range(0, 12).Select(line => new string(' ', line % 4 * 4) + Pick(random,
        $"public static {Camel(random)} {Camel(random)}({Camel(random)} {Snake(random)}) => {Camel(random)}.{Camel(random)}(\"{Sentence(random, 4)}\");",
        $"if ({Snake(random)} == \"{Kebab(random)}\") {{ return {Snake(random)}[{random.Next(100)}]; }}",
        $"import {{ {Camel(random)} }} from '@{Kebab(random)}/{Kebab(random)}';",
        $"const {Snake(random).ToUpperInvariant()} = process.env.{Snake(random).ToUpperInvariant()};",
        $"// {Sentence(random, 9)}")));

    private static string Minified(Random random) => string.Concat(Enumerable.Range(0, 60).Select(_ => Pick(random,
        $"function {Letters(random, 2)}({Letters(random, 1)},{Letters(random, 1)}){{return {Letters(random, 1)}.{Camel(random)}+{random.Next(999)}}}",
        $"var {Letters(random, 1)}={{{Letters(random, 2)}:\"{Kebab(random)}\",{Letters(random, 3)}:!0}};",
        $"{Letters(random, 1)}.exports=JSON.parse('{{\"{Letters(random, 20)}\":[{random.Next()},{random.Next()}]}}');",
        $"!function(){{\"{Hex(random, 20)}\"}}(),")));

    private static string Letters(Random random, int count) => KeySamples.Make(random, $"l{count}");

    private static string Hex(Random random, int count) => KeySamples.Make(random, $"h{count}");

    private static Guid Guid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private static string Base64(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return Convert.ToBase64String(bytes);
    }

    private static string Pick(Random random, params string[] texts) => texts[random.Next(texts.Length)];
}
