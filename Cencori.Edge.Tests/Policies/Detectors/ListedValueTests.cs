using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.PersonalData;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>Values in lists, as in CSV, SQL tuples, JSON arrays and tables: between values of the same kind, and between other numbers.</summary>
public class ListedValueTests(ITestOutputHelper output)
{
    private const int Seed = 20241130;
    private const int Lists = 300;

    private static readonly string[] Separators = [",", ";", "|", "/", ":", "\t", "\n", "\r\n"];

    private static readonly (string Name, Detector Detector, Func<Random, string> Make)[] Kinds =
    [
        .. RecallTests.Kinds.Where(kind => kind.Name != "email" && !kind.Name.StartsWith("national", StringComparison.Ordinal)),
        ("phone US", new PhoneDetector("US"), random => Made.Pick(random, $"({Area(random)}) {Last(random)}", $"{Area(random)}-{Last(random)}", $"{Area(random)} {Last(random).Replace('-', ' ')}")),
        ("phone DE", new PhoneDetector("DE"), random => $"030 {random.Next(2_000_000, 9_999_999)}"),

        // With the context word, for kinds that need one.
        .. NationalNumbers.All.Select(number => ($"national {number.Region}", (Detector)new NationalIdDetector([number.Region]), (Func<Random, string>)(random => Made.National(random, number)))),
    ];

    [Fact]
    public void Values_in_lists_are_found()
    {
        var random = new Random(Seed);
        var isMissed = false;
        foreach (var (name, detector, make) in Kinds)
        {
            // After a colon, the next value may look like a group of an IPv6 address. After a slash, it may continue a telephone number.
            foreach (var separator in Separators.Where(separator => (name, separator) is not (("ip", ":") or ("phone US", "/"))))
            {
                var (all, misses) = (0, new List<string>());
                for (var each = 0; each < Lists; each++)
                {
                    var (text, values) = List(random, separator, () => make(random));
                    var found = detector.Find(text);
                    all += values.Count;
                    misses.AddRange(values.Where(value => !found.Exists(one => one.Start <= value.Start && one.End >= value.End)).Select(value => $"«{text.Substring(value.Start, value.Length)}» in {text.ReplaceLineEndings("\\n")}"));
                }

                if (misses.Count > all * 0.005)
                {
                    isMissed = true;
                    output.WriteLine($"{name}, {separator.ReplaceLineEndings("\\n")}: {misses.Count} of {all}");
                    misses.Take(4).ToList().ForEach(output.WriteLine);
                }
            }
        }

        Assert.False(isMissed);
    }

    private static (string Text, List<Finding> Values) List(Random random, string separator, Func<string> make)
    {
        var values = new List<Finding>();
        var space = separator is "/" or ":" || random.Next(2) == 0 ? "" : " ";
        
        // Text after a word and a slash is part of a path.
        var text = Made.Pick(random, "", "(", "[", "INSERT INTO t VALUES (", separator == "/" ? "" : "Ada" + separator + space);
        var isValue = random.Next(2) == 0;
        for (var count = random.Next(2, 6); count > 0; count--)
        {
            if (isValue)
            {
                var value = make();
                var word = value.LastIndexOf(' ') is var last && last > 0 && value[..last].Any(char.IsAsciiLetterLower) ? last + 1 : 0;
                values.Add(new Finding(text.Length + word, value.Length - word));
                text += value;
            }
            else
            {
                text += separator == ":" ? Made.Pick(random, "0", "5", "123", $"{random.Next(1_000, 10_000)}") : Made.Pick(random, "0", "1", "5", "12", "123", $"{random.Next(1000)}", $"{random.Next(10_000)}");
            }

            text += count > 1 ? separator + space : "";
            isValue = random.Next(3) > 0;
        }

        return (text, values);
    }

    [Theory]
    [InlineData("1,234,567.89 and 1.234.567,89 and 12,345,678,901,234.50")]
    [InlineData("0,4111111111111111 and -0,5555555555554444; 0,378282246310005")]
    [InlineData("2024-05-01 10:12:30,123 INFO took 1,234.567 ms, version 1.2.3,4.5.6 and v1.2.3.4")]
    [InlineData("1,234.4111111111111111")]
    [InlineData("130 692 544,50")]
    [InlineData("1,212.5550123")]
    [InlineData("8:30:15,250 12:30:45.123 4567 890")]
    public void Other_numbers_are_not_found(string text)
    {
        foreach (var (_, detector, _) in Kinds)
        {
            Assert.Empty(detector.Texts(text));
        }
    }

    [Theory]
    [InlineData("Ada,4111111111111111,123", 1)]
    [InlineData("4111111111111111,5555555555554444", 2)]
    [InlineData("[4111111111111111,5555555555554444]", 2)]
    [InlineData("(4111111111111111,1,2)", 1)]
    [InlineData("(0,4111111111111111)", 1)]
    [InlineData("0,4111111111111111,7", 1)]
    [InlineData("4111 1111 1111 1111 5555 5555 5555 4444 4111 1111 1111 1111", 3)]
    [InlineData("219-09-9999,5", 1)]
    [InlineData("219-09-9999,218-09-9998", 2)]
    [InlineData("DE89370400440532013000,5", 1)]
    [InlineData("DE89370400440532013000,GB29NWBK60161331926819", 2)]
    [InlineData("+14155552671,+14155552672", 2)]
    [InlineData("415 555 2671 415 555 2672", 2)]
    [InlineData("415-555-2671/415-555-2672", 2)]
    [InlineData("8.8.8.8,9.9.9.9;8.8.4.4:1.1.1.1|93.184.216.34", 5)]
    public void Each_value_of_a_list_is_found(string text, int count)
    {
        Detector[] detectors = [new CardDetector(), new IbanDetector(), new SsnDetector(), new PhoneDetector("US"), new IpDetector()];
        Assert.Contains(detectors, detector => detector.Find(text).Count == count);
        foreach (var detector in detectors)
        {
            Splits.Hold(detector, text);
        }
    }

    [Fact]
    public void Lists_that_arrive_in_pieces_give_the_same_findings()
    {
        var random = new Random(Seed);
        foreach (var (name, detector, make) in Kinds)
        {
            for (var each = 0; each < 40; each++)
            {
                Splits.Hold(detector, List(random, Made.Pick(random, Separators), () => make(random)).Text);
            }
        }
    }

    private static string Area(Random random) => Made.Pick(random, "212", "415", "305");

    private static string Last(Random random) => $"{random.Next(200, 999)}-{random.Next(10_000):0000}";
}
