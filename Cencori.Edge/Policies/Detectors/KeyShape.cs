using System.Buffers;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>What follows the head of a vendor's keys.</summary>
internal sealed record KeyShape(string Vendor, string Head, params KeyPart[] Parts)
{
    /// <summary>Between parts.</summary>
    public char Separator { get; init; }

    /// <summary>The head is the name of a setting, and the key its value, which may stand some characters off. Only the value is found.</summary>
    public bool IsName { get; init; }

    /// <summary>How many digits stand before the head, at least. They are not found with it.</summary>
    public int DigitsBefore { get; init; }

    /// <summary>Of what is found.</summary>
    public int MinLength => (IsName ? 0 : Head.Length) + Parts.Sum(part => part.Min) + Parts.Length - 1;
}

/// <summary>A run of characters of one alphabet. One that is longer than <paramref name="Max"/> is no key where there is but one length; else it is one, as far as that.</summary>
internal sealed record KeyPart(KeyAlphabet Alphabet, int Min, int Max)
{
    public KeyPart(KeyAlphabet alphabet, int length)
        : this(alphabet, length, length)
    {
    }
}

/// <param name="Characters">All of them ASCII.</param>
/// <param name="Entropy">Least that a key has, in bits for each character, where it is long enough to tell.</param>
/// <param name="IsMixed">Small and capital letters both stand in each key that is long enough to tell: a placeholder or a name in code mostly has but one sort.</param>
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

    /// <summary>Of vendors that do not tell in which case they write.</summary>
    public static readonly KeyAlphabet AnyCase = new(SearchValues.Create(Small + Capital + Digit), 3);

    public static readonly KeyAlphabet Word = new(SearchValues.Create(Small + Capital + Digit + "_"), 3, IsMixed: true);
    public static readonly KeyAlphabet Url = new(SearchValues.Create(Small + Capital + Digit + "_-"), 3, IsMixed: true);
    public static readonly KeyAlphabet Base64 = new(SearchValues.Create(Small + Capital + Digit + "+/="), 3.2, IsMixed: true);

    /// <summary>All that may stand in a key or its head.</summary>
    public static readonly SearchValues<char> All = SearchValues.Create(Small + Capital + Digit + "_-.+/=:");
}
