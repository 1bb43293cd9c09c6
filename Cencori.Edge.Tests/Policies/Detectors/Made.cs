using System.Collections.Concurrent;
using System.Numerics;
using Cencori.Edge.Policies.Detectors.PersonalData;

namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>Generated personal data that belongs to no real person, with valid check digits.</summary>
internal static class Made
{
    // Cached, because the search for them takes time.
    private static readonly ConcurrentDictionary<string, string[]> Numbers = [];

    public static string Email(Random random) =>
        Pick(random, "anna", "j.doe", "user+tag", "o'brien", "x_1", "a", "info-2024", "юлия", "jörg.müller") + random.Next(1000) + "@"
        + Pick(random, "example", "mail.example", "sub-1.dept.example", "пример", "x") + Pick(random, ".com", ".de", ".co.uk", ".museum", ".рф", ".org");

    public static string Card(Random random)
    {
        var (head, length) = Pick(random, ("4", 16), ("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("36", 14), ("6011", 16), ("3530", 16), ("6212", 19), ("6759", 16));
        var digits = head + Digits(random, length - 1 - head.Length);
        var card = digits + LuhnDigit(digits);
        var separator = Pick(random, "", " ", "-");
        return length switch
        {
            16 => Grouped(card, separator, 4, 4, 4, 4),
            15 => Grouped(card, separator, 4, 6, 5),
            14 => Grouped(card, separator, 4, 6, 4),
            _ => Grouped(card, separator, 4, 4, 4, 4, 3),
        };
    }

    public static string Iban(Random random)
    {
        var all = IbanForms.All.ToArray();
        var (country, kinds) = all[random.Next(all.Length)];
        var account = string.Concat(kinds.Skip(4).Select(kind => kind switch
        {
            'n' => (char)('0' + random.Next(10)),
            'a' => (char)('A' + random.Next(26)),
            _ => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[random.Next(36)],
        }));
        var number = BigInteger.Parse(string.Concat((account + country + "00").Select(character => char.IsDigit(character) ? $"{character}" : $"{character - 'A' + 10}")));
        var iban = country + $"{98 - (int)(number % 97):00}" + account;
        return random.Next(2) == 0 ? iban : string.Join(' ', iban.Chunk(4).Select(group => new string(group)));
    }

    public static string Ssn(Random random)
    {
        var area = random.Next(1, 900);
        return $"{(area == 666 ? 1 : area):000}-{random.Next(1, 100):00}-{random.Next(1, 10000):0000}";
    }

    public static string Phone(Random random) => Pick(
        random,
        () => $"+1 {Pick(random, "212", "415", "305")} 555 01{random.Next(100):00}",
        () => $"+1 ({Pick(random, "212", "415", "305")}) {random.Next(200, 999)}-{random.Next(10000):0000}",
        () => $"+49 30 {random.Next(2000000, 9999999)}",
        () => $"+49 (0)30 {random.Next(2000000, 9999999)}",
        () => $"+44 20 7946 0{random.Next(1000):000}",
        () => $"+33 1 42 68 {random.Next(100):00} {random.Next(100):00}",
        () => $"+39 06 698 {random.Next(10000):00000}",
        () => $"+1 - 212 - 555 - 0 1 {random.Next(10)} {random.Next(10)}",
        () => $"+8613{random.Next(100000000, 999999999)}",
        () => $"+9198{random.Next(10000000, 99999999)}",
        () => $"+34-91-{random.Next(200, 999)}-{random.Next(10, 99)}-{random.Next(10, 99)}",
        () => $"+55 11 9{random.Next(8000, 9999)}-{random.Next(1000, 9999)}")();

    public static string Ip(Random random) => random.Next(3) switch
    {
        0 => $"2a00:1450:{random.Next(1, 0xFFFF):x}::{random.Next(1, 0xFFFF):x}",
        1 => string.Join(':', Enumerable.Range(0, 8).Select(part => part == 0 ? "2600" : $"{random.Next(1, 0xFFFF):X}")),
        _ => $"{random.Next(11, 99)}.{random.Next(256)}.{random.Next(256)}.{random.Next(1, 255)}",
    };

    /// <summary>Returns a random number that passes the detector's own check, which <c>NationalNumberTests</c> verifies with known numbers.</summary>
    public static string National(Random random, NationalNumber number) => Pick(random, Numbers.GetOrAdd(number.Region, _ => [.. Enumerable.Range(0, 100).Select(_ => SomeNational(random, number))]));

    private static string SomeNational(Random random, NationalNumber number)
    {
        var shape = number.Shapes[random.Next(number.Shapes.Length)];
        while (true)
        {
            var text = string.Concat(shape.Select((kind, at) => kind switch
            {
                '0' => (char)('0' + random.Next(10)),
                'A' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[random.Next(26)],
                '?' => number.Region is "CN" or "FI" ? "0123456789ABCDEFHJKLMNPRSTUVWXY"[random.Next(31)] : (char)('0' + random.Next(10)),
                _ => kind,
            }));
            text = Likely(number.Region, text);
            if (number.Check(string.Concat(text.Where(char.IsLetterOrDigit))))
            {
                return shape.All(kind => kind == '0') && !number.IsSure ? $"{number.Words!.First} {text}" : text;
            }
        }
    }

    public static string Digits(Random random, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => (char)('0' + random.Next(10))));

    public static T Pick<T>(Random random, params T[] values) => values[random.Next(values.Length)];

    // Sets some characters to likely values. Otherwise only one in thousands of random numbers would be valid.
    private static string Likely(string region, string text) => region switch
    {
        "CH" => "756" + text[3..],
        "CN" => text[..6] + "19" + text[8..10] + "0112" + text[14..],
        "FI" => "0102" + text[4..],
        "NO" => "0102" + text[4..],
        "IT" => text[..8] + "A" + text[9..],
        _ => text,
    };

    private static char LuhnDigit(string digits)
    {
        var sum = digits.Reverse().Select((digit, at) => at % 2 == 0 ? "0246813579"[digit - '0'] - '0' : digit - '0').Sum();
        return (char)('0' + ((10 - (sum % 10)) % 10));
    }

    private static string Grouped(string digits, string separator, params int[] groups)
    {
        var at = 0;
        return string.Join(separator, groups.Select(group => digits.Substring((at += group) - group, group)));
    }
}
