using System.Buffers;

namespace Cencori.Edge.Policies.Detectors.Secrets;

/// <summary>The format of a vendor's keys: a prefix (<paramref name="Head"/>), then parts.</summary>
internal sealed record KeyShape(string Vendor, string Head, params KeyPart[] Parts)
{
    /// <summary>The character between two parts.</summary>
    public char Separator { get; init; }

    /// <summary>True when the prefix is the name of a setting, and the key is its value a few characters later. Then only the value becomes the finding.</summary>
    public bool IsName { get; init; }

    /// <summary>Smallest number of digits required before the prefix. They do not belong to the finding.</summary>
    public int DigitsBefore { get; init; }

    /// <summary>Smallest length of a finding.</summary>
    public int MinLength => (IsName ? 0 : Head.Length) + Parts.Sum(part => part.Min) + Parts.Length - 1;
}

/// <summary>A run of characters of one alphabet. A longer run than <paramref name="Max"/> is no key if Min equals Max. Otherwise its first Max characters are the key part.</summary>
internal sealed record KeyPart(KeyAlphabet Alphabet, int Min, int Max)
{
    public KeyPart(KeyAlphabet alphabet, int length)
        : this(alphabet, length, length)
    {
    }
}

/// <param name="Characters">ASCII only.</param>
/// <param name="Entropy">Smallest entropy of a key, in bits per character. Applies only to keys that are long enough to measure.</param>
/// <param name="IsMixed">True when every key that is long enough contains lower-case and upper-case letters. Placeholders and names in code usually have only one of them.</param>
internal sealed record KeyAlphabet(SearchValues<char> Characters, double Entropy, bool IsMixed = false)
{
    private const string Digit = "0123456789";
    private const string Small = "abcdefghijklmnopqrstuvwxyz";
    private const string Capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    public static readonly KeyAlphabet Digits = new(SearchValues.Create(Digit), 0);
    public static readonly KeyAlphabet Hex = new(SearchValues.Create(Digit + "abcdef"), 2.5);
    public static readonly KeyAlphabet AnyHex = new(SearchValues.Create(Digit + "abcdefABCDEF"), 2.5);
    public static readonly KeyAlphabet Base32 = new(SearchValues.Create(Capital + "234567"), 2.3);
    public static readonly KeyAlphabet Capitals = new(SearchValues.Create(Capital + Digit), 2.3);
    public static readonly KeyAlphabet Letters = new(SearchValues.Create(Small + Capital), 3, IsMixed: true);
    public static readonly KeyAlphabet Base62 = new(SearchValues.Create(Small + Capital + Digit), 3, IsMixed: true);

    /// <summary>For vendors that do not state the case of their keys.</summary>
    public static readonly KeyAlphabet AnyCase = new(SearchValues.Create(Small + Capital + Digit), 3);

    public static readonly KeyAlphabet Word = new(SearchValues.Create(Small + Capital + Digit + "_"), 3, IsMixed: true);
    public static readonly KeyAlphabet Url = new(SearchValues.Create(Small + Capital + Digit + "_-"), 3, IsMixed: true);
    public static readonly KeyAlphabet Base64 = new(SearchValues.Create(Small + Capital + Digit + "+/="), 3.2, IsMixed: true);

    /// <summary>All characters of keys and prefixes.</summary>
    public static readonly SearchValues<char> All = SearchValues.Create(Small + Capital + Digit + "_-.+/=:");
}
