using System.Text;
using BenchmarkDotNet.Attributes;
using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.PersonalData;
using Cencori.Edge.Policies.Detectors.Scanning;

namespace Cencori.Edge.Bench.Micro;

/// <summary>Each detector on an 8 KB prompt without personal data.</summary>
public class DetectorBench : IDisposable
{
    private const int Length = 8_000;

    private readonly byte[] _plain = Encoding.UTF8.GetBytes(Prose("A prompt is mostly prose, of sentences like this one, and now and then a number (42) or a date. "));
    private readonly byte[] _escaped = Encoding.UTF8.GetBytes(Prose("""A prompt is mostly prose, and sometimes \"quotes\" it.\n"""));
    private readonly byte[] _russian = Encoding.UTF8.GetBytes(Prose("Запрос состоит в основном из прозы. ")[..(Length / 2)]);
    private readonly ScannedText _text = new();
    private readonly string _prose = Prose("A prompt is mostly prose, of sentences like this one, and now and then a number (42) or a date. ");
    private readonly char[] _decoded = new char[EncodedRuns.MaxDecoded];
    private readonly List<Finding> _findings = [];
    private readonly EmailDetector _email = new();
    private readonly CardDetector _card = new();
    private readonly IbanDetector _iban = new();
    private readonly SsnDetector _ssn = new();
    private readonly PhoneDetector _phone = new();
    private readonly IpDetector _ip = new();
    private readonly NationalIdDetector _national = new(NationalNumbers.All.Select(number => number.Region));

    [GlobalCleanup]
    public void Dispose()
    {
        _text.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Description = "read")]
    public int Read() => Read(_plain);

    [Benchmark(Description = "read, with escapes")]
    public int ReadEscaped() => Read(_escaped);

    [Benchmark(Description = "read, Russian")]
    public int ReadRussian() => Read(_russian);

    [Benchmark(Description = "e-mail")]
    public int Email() => Find(_email);

    [Benchmark(Description = "card")]
    public int Card() => Find(_card);

    [Benchmark(Description = "IBAN")]
    public int Iban() => Find(_iban);

    [Benchmark(Description = "SSN")]
    public int Ssn() => Find(_ssn);

    [Benchmark(Description = "phone")]
    public int Phone() => Find(_phone);

    [Benchmark(Description = "IP")]
    public int Ip() => Find(_ip);

    [Benchmark(Description = "national, all regions")]
    public int National() => Find(_national);

    [Benchmark(Description = "base64 and hexadecimal")]
    public bool Encoded()
    {
        var at = 0;
        return EncodedRuns.TryNext(_prose, ref at, _decoded, out _, out _);
    }

    [Benchmark(Description = "open characters at the end, all detectors")]
    public int Open() => _email.Open(_prose) + _card.Open(_prose) + _iban.Open(_prose) + _ssn.Open(_prose) + _phone.Open(_prose) + _ip.Open(_prose) + _national.Open(_prose);

    private int Read(byte[] source)
    {
        _text.ReadJson(source);
        return _text.Text.Length;
    }

    private int Find(Detector detector)
    {
        detector.Find(_prose, _findings);
        return _findings.Count;
    }

    private static string Prose(string sentence) => string.Concat(Enumerable.Repeat(sentence, (Length / sentence.Length) + 1))[..Length].TrimEnd('\\');
}
