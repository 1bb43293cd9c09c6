using System.Text;

namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>Texts as people and programs write them, without personal data.</summary>
internal static class HarmlessTexts
{
    private static readonly string[] Languages =
    [
        "the a of to and in that is was for it with as on be at by this had not are but from or have an they which one you were all her she there would their we him been has when who will no more if out so said what up its about into than them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many before must through back years where much your way well down should because each just those people how too little state good very make world still own see men work long here get both between life being under never day same another know while last might us great old year off come since against go came right used take three",
        "der die das und ist in zu den nicht von sie mit sich auf für als auch es an werden aus er hat dass wird bei ein nur noch nach wie über man oder um so hier was wenn können schon wir ihr mehr zum haben aber Zeit Jahr Haus Leute Arbeit Straße Größe Rechnung möglich heute morgen zwischen gegen während",
        "le la les de des et en un une est que qui dans pour pas sur au avec il elle nous vous sont par plus ce cette mais ou où son sa ses leur temps jour année maison été très bien même aussi fait être avoir après avant français déjà",
        "el la los las de que y en un una es por con no para se su al lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante años día casa mañana niño",
        "il lo la di che e un una per non sono con mi si ho ma ha lo le nel come più anche questo quando fatto tempo giorno anno casa perché città così già sempre molto bene lavoro",
        "и в не на я быть он с что а по это она этот к но они мы весь который из у то за свой от так о для ты же все тот мочь вы человек такой его сказать один как когда уже если время дом день год работа слово дело жизнь рука",
        "nie to się w na i z do że jest jak po co tak za od ale o dla już tylko być może czy był przez jego czas dzień rok dom praca człowiek bardzo dobrze między żeby więc",
        "ve bir bu da de için ile çok ne gibi daha o ben sen biz var yok ama en kadar sonra gün yıl ev iş insan zaman güzel şey değil nasıl böyle önce",
        "的 一 是 不 了 在 人 有 我 他 这 中 大 来 上 国 到 说 们 为 子 和 你 地 出 道 也 时 年 得 就 那 要 下 以 生 会 自 着 去 之 过 家 学 对 可 她 里 后 小 么 心 多 天 而 能 好 都 然 没 日 于 起 还 发 成 事 只 作 当 想 看 文 无 开 手 十 用 主 行 方 又 如 前 所 本 见 经 头 面",
        "في من على أن إلى هذا كان مع التي عن لا ما هو هذه بعد كل قد بين ذلك لم حتى يكون عند أو كما منذ يوم عام بيت عمل وقت ناس كبير جديد",
    ];

    private static readonly Func<Random, string>[] Kinds = [Prose, Prose, Prose, LogLine, LogLine, Ids, Order, Version, Hashes, Code, Code, Table, Json, Shell, Diff];

    public static string Make(Random random) => Kinds[random.Next(Kinds.Length)](random);

    public static string Prose(Random random)
    {
        var words = Languages[random.Next(Languages.Length)].Split(' ');
        var text = new StringBuilder();
        for (var count = random.Next(20, 120); count > 0; count--)
        {
            text.Append(words[random.Next(words.Length)]).Append(Made.Pick(random, " ", " ", " ", " ", " ", " ", " ", ", ", ". ", "; ", " – ", "! ", ".\n"));
            if (random.Next(25) == 0)
            {
                text.Append(Made.Pick(random, $"{random.Next(1900, 2100)}", $"{random.Next(100)},{random.Next(1000):000}", $"{random.Next(1, 29)}.{random.Next(1, 13)}.{random.Next(1990, 2030)}", $"{random.Next(100)}%", $"${random.Next(1000)}.{random.Next(100):00}", $"{random.Next(24)}:{random.Next(60):00}", $"§{random.Next(99)}", $"{random.Next(1990, 2020)}–{random.Next(2020, 2030)}")).Append(' ');
            }
        }

        return text.ToString();
    }

    private static string LogLine(Random random) => string.Join('\n', Enumerable.Range(0, random.Next(1, 5)).Select(_ =>
        $"{Time(random)} {Made.Pick(random, "INFO", "WARN", "[debug]", "E")} {Made.Pick(random, "http.request", "db", "worker-3", "Worker@12", "GC")} {Made.Pick(random, "ts", "t", "id")}={1_700_000_000_000 + random.NextInt64(100_000_000_000)} "
        + $"took={random.Next(10_000)}ms bytes={random.Next()} {Made.Pick(random, $"trace={Hex(random, 32)}", $"span={Hex(random, 16)}", $"ns={1_700_000_000_000_000_000 + random.NextInt64(1_000_000_000_000)}", $"pid={random.Next(70_000)}", $"us={1_700_000_000_000_000 + random.NextInt64(1_000_000_000)}", $"from=10.{random.Next(256)}.{random.Next(256)}.{random.Next(256)}:{random.Next(65_536)}")}"));

    private static string Ids(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(1, 6)).Select(_ => Made.Pick(
        random, $"{new Guid(Bytes(random, 16))}", $"{new Guid(Bytes(random, 16)):N}", $"{1_000_000_000_000_000_000 + random.NextInt64(400_000_000_000_000_000)}", $"req_{Hex(random, 24)}", $"chatcmpl-{Base64(random, 21)}", $"{random.Next()}", $"#{random.Next(100_000)}")));

    private static string Order(Random random) => Made.Pick(
        random, $"Order {random.Next(100, 999)}-{random.Next(1_000_000, 9_999_999)}-{random.Next(1_000_000, 9_999_999)} was shipped", $"Invoice no. {random.Next(2015, 2030)}-{random.Next(100_000):000000} over {random.Next(10_000)}.{random.Next(100):00} EUR",
        $"Bestellung {random.Next(10_000_000, 99_999_999)} vom {random.Next(1, 29):00}.{random.Next(1, 13):00}.{random.Next(2015, 2030)}", $"PO-{random.Next(10_000):00000}/{random.Next(15, 30)}", $"Ticket ABC-{random.Next(10_000)}, ISBN 978-3-{random.Next(10, 99)}-{random.Next(100_000, 999_999)}-{random.Next(10)}",
        $"tracking 1Z{Base64(random, 6).ToUpperInvariant()}{random.Next(10_000_000, 99_999_999)}", $"article {random.Next(100_000, 999_999)}, EAN 40{Made.Digits(random, 11)}, batch L{random.Next(1_000_000)}", $"part no. {random.Next(100, 999)}-{random.Next(1_000, 9_999)}-{random.Next(10, 99)}");

    private static string Version(Random random) => string.Join(", ", Enumerable.Range(0, random.Next(1, 6)).Select(_ => Made.Pick(
        random, $"v{random.Next(20)}.{random.Next(30)}.{random.Next(3_000)}", $"react@{random.Next(20)}.{random.Next(30)}.{random.Next(9)}", $"@types/node@{random.Next(20)}.{random.Next(30)}.{random.Next(9)}", $"python:3.{random.Next(20)}-slim@sha256:{Hex(random, 64)}", $"{random.Next(20)}.0.0-rc.{random.Next(9)}+build.{random.Next(100_000)}",
        $"git@github.com:org/repo-{random.Next(99)}.git", $"icon@{random.Next(2, 4)}x.png", $"net{random.Next(6, 11)}.0", $"gcc (Debian {random.Next(9, 14)}.{random.Next(4)}.0-{random.Next(9)})")));

    private static string Hashes(Random random) => string.Join('\n', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Made.Pick(
        random, Hex(random, 40), Hex(random, 64), Hex(random, 32), $"sha512-{Base64(random, 64)}", Base64(random, 200), $"commit {Hex(random, 7)}", $"0x{Hex(random, 16)}", $"\"integrity\": \"sha256-{Base64(random, 32)}=\"")));

    private static string Code(Random random) => Made.Pick(
        random,
        $"for (int i = 0; i < {random.Next(10_000)}; i++) {{ a[i] = b[i] + {random.Next()}; }} // see #{random.Next(10_000)}",
        $"const x{random.Next(99)} = [{string.Join(", ", Enumerable.Range(0, 12).Select(_ => random.Next()))}];",
        $"@app.route(\"/v{random.Next(9)}\")\ndef handler(request: Request) -> Response:\n    return a @ b.T + {random.NextDouble()}",
        $"std::vector<int> v{{{random.Next()}, {random.Next()}}}; auto n = std::count(v.begin(), v.end(), {random.Next(99)});",
        $"public const long Max = {random.NextInt64()}L; private static readonly double[] W = [{random.NextDouble()}, {-random.NextDouble()}];",
        $"if (a+{random.Next(10_000_000, 99_999_999)} > b-{random.Next(10_000)}) x += {random.Next()}e-{random.Next(9)};",
        $"UPDATE t SET v = {random.Next()}, at = '{random.Next(2000, 2030)}-{random.Next(1, 13):00}-{random.Next(1, 29):00} 10:{random.Next(60):00}:00.{random.Next(1_000_000):000000}+00' WHERE id IN ({random.Next()}, {random.Next()});",
        $".c{random.Next(99)} {{ color: #{Hex(random, 6)}; margin: {random.Next(99)}px {random.Next(99)}px; transform: translate({random.NextDouble():f3}, -{random.NextDouble():f3}); }}",
        $"mov eax, 0x{Hex(random, 8)} ; {Hex(random, 8)}: {Hex(random, 2)} {Hex(random, 2)} {Hex(random, 2)} {Hex(random, 2)}");

    private static string Table(Random random) => string.Join('\n', Enumerable.Range(0, 4).Select(_ => string.Join(
        Made.Pick(random, " ", ",", "\t", " | ", ";"), Enumerable.Range(0, 6).Select(_ => Made.Pick(random, $"{random.Next(10_000)}", $"{random.Next(1_000_000)}", $"{random.NextDouble() * 1_000:f2}", $"-{random.Next(1_000)}", $"{random.Next(1900, 2100)}")))));

    private static string Json(Random random) => $$"""{"id":"{{Hex(random, 24)}}","created":{{1_700_000_000 + random.Next(90_000_000)}},"ms":{{1_700_000_000_000 + random.NextInt64(90_000_000_000)}},"lat":{{random.NextDouble() * 90}},"lon":-{{random.NextDouble() * 180}},"n":[{{random.Next()}},{{random.Next()}}],"etag":"{{Base64(random, 16)}}"}""";

    private static string Shell(Random random) => Made.Pick(
        random, $"docker run -p {random.Next(65_536)}:{random.Next(65_536)} image@sha256:{Hex(random, 64)}", $"-rw-r--r-- 1 root root {random.Next()} Jan {random.Next(1, 29)} 10:{random.Next(60):00} file{random.Next(99)}.txt", $"ssh -p {random.Next(65_536)} deploy@web{random.Next(9)} 'tail -n {random.Next(999)} /var/log/x.{random.Next(9)}.gz'",
        $"curl -H 'X-Id: {random.Next()}' https://example.com/a/{random.Next()}?t={1_700_000_000 + random.Next(90_000_000)}", $"chmod 0644 x; kill -9 {random.Next(99_999)}; date +%s; # {random.Next()} {random.Next()}");

    private static string Diff(Random random) => $"@@ -{random.Next(999)},{random.Next(99)} +{random.Next(999)},{random.Next(99)} @@\n-index {Hex(random, 7)}..{Hex(random, 7)} 100644\n+{random.Next(1_000)}\n+  \"size\": {random.Next()},\n-{random.Next(10_000_000)}";

    private static string Time(Random random) => $"{random.Next(2000, 2030)}-{random.Next(1, 13):00}-{random.Next(1, 29):00}T{random.Next(24):00}:{random.Next(60):00}:{random.Next(60):00}.{random.Next(1_000):000}{Made.Pick(random, "Z", "+02:00", "-0500")}";

    private static string Hex(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "0123456789abcdef"[random.Next(16)]));

    private static string Base64(Random random, int bytes) => Convert.ToBase64String(Bytes(random, bytes));

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
