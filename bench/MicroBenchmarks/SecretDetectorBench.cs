using BenchmarkDotNet.Attributes;
using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.Attacks;
using Cencori.Edge.Policies.Detectors.OwnRules;
using Cencori.Edge.Policies.Detectors.Secrets;

namespace Cencori.Edge.Bench.Micro;

/// <summary>Each detector on 8,192 characters of prose without findings.</summary>
public class SecretDetectorBench
{
    // Words of many lengths, so that branch prediction cannot learn the text.
    private static readonly string[] Words =
        "the committee met on Tuesday to discuss a plan for next year, and most of its members agreed that money was short; nobody answered. Risks, tasks and questions were listed in some remarks about people, keys, and why good paths matter more than speed".Split(' ');

    private readonly string _prose = Prose(8_192);
    private readonly List<Finding> _findings = [];
    private readonly ApiKeyDetector _apiKey = new();
    private readonly OwnKeyDetector _ownKey = new();
    private readonly JwtDetector _jwt = new();
    private readonly PrivateKeyDetector _privateKey = new();
    private readonly ExfiltrationDetector _exfiltration = new();
    private readonly InjectionDetector _injection = new();
    private readonly PatternDetector _pattern = new(@"\bEMP-\d{6}\b", ignoreCase: false, 128);
    private readonly WordsDetector _words = new(["kiwi", "project falcon", "merger", "layoff", "acquisition", "zebra", "quartz", "ibuprofen", "diagnosis", "dosage", "lawsuit", "subpoena", "invoice fraud", "casino", "betting", "weapon", "explosive", "heroin", "rival", "leak"]);

    [Benchmark(Description = "API keys")]
    public int ApiKey() => Find(_apiKey);

    [Benchmark(Description = "own keys")]
    public int OwnKey() => Find(_ownKey);

    [Benchmark(Description = "web tokens")]
    public int Jwt() => Find(_jwt);

    [Benchmark(Description = "private keys")]
    public int PrivateKey() => Find(_privateKey);

    [Benchmark(Description = "20 words")]
    public int WordList() => Find(_words);

    [Benchmark(Description = "own pattern")]
    public int Pattern() => Find(_pattern);

    [Benchmark(Description = "injection")]
    public int Injection() => Find(_injection);

    [Benchmark(Description = "exfiltration")]
    public int Exfiltration() => Find(_exfiltration);

    [Benchmark(Description = "API keys, what is open")]
    public int Open() => _apiKey.Open(_prose);

    private int Find(Detector detector)
    {
        detector.Find(_prose, _findings);
        return _findings.Count;
    }

    private static string Prose(int length) => string.Join(' ', new Random(1).GetItems(Words, length))[..length];
}
