using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Cencori.Edge.Policies.Detectors.Secrets;

/// <summary>Finds JSON Web Tokens: signed ones with three parts, the last of which may be empty, and encrypted ones with
/// five. The header must decode to JSON that names an algorithm.</summary>
/// <remarks>In a whole text, a token longer than <see cref="MaxLength"/> is found completely. A stream is not held back beyond that length, so the caller
/// receives the rest.</remarks>
internal sealed class JwtDetector() : HeadedDetector([Head], SearchValues.Create(Base64Characters + "."), Shortest)
{
    public const int MaxLength = 8 * 1024;

    private const string Head = "eyJ";
    private const int MaxHeader = 1024;

    // Length of the shortest header, {"alg":""} in base64. The shortest token has two dots after it.
    private const int MinHeader = 14;
    private const int Shortest = MinHeader + 2;

    private const string Base64Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

    private static readonly SearchValues<char> Base64 = SearchValues.Create(Base64Characters);

    protected override Candidate Check(ReadOnlySpan<char> text, int at)
    {
        if (!Boundary.OpensAt(text, at))
        {
            return default;
        }

        var rest = text[at..];
        var end = rest[..Math.Min(rest.Length, MaxHeader)].IndexOfAnyExcept(Base64);
        if (end < 0)
        {
            return new Candidate(at, 0, rest.Length < MaxHeader);
        }

        var parts = rest[end] == '.' ? PartsOf(rest[..end]) : 0;
        for (var part = 1; part < parts; part++)
        {
            var run = rest[(end + 1)..].IndexOfAnyExcept(Base64);
            end = run < 0 ? rest.Length : end + 1 + run;
            if (end == rest.Length)
            {
                // The text ends inside this part. An incomplete token is a finding from its third part on, because the header has identified it as a token.
                return new Candidate(at, part > 1 || end >= MaxLength ? end : 0, end < MaxLength);
            }

            if (part < parts - 1 && rest[end] != '.')
            {
                return new Candidate(at, part > 1 || end >= MaxLength ? end : 0, false);
            }
        }

        return new Candidate(at, parts == 0 ? 0 : end, false);
    }

    /// <summary>Number of token parts that the header implies. 0: the text is not a header.</summary>
    private static int PartsOf(ReadOnlySpan<char> header)
    {
        // Decodes the last characters first: they reject most texts at low cost.
        Span<byte> json = stackalloc byte[MaxHeader];
        var tail = header.Length % 4 == 0 ? 4 : header.Length % 4;
        if (header.Length < MinHeader || tail == 1 || Base64Url.DecodeFromChars(header[^tail..], json, out _, out var last) != OperationStatus.Done || json[last - 1] != '}'
            || Base64Url.DecodeFromChars(header, json, out _, out var length) != OperationStatus.Done || json[length - 1] != '}')
        {
            return 0;
        }

        var (hasAlgorithm, isEncrypted) = (false, false);
        var reader = new Utf8JsonReader(json[..length]);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
                {
                    hasAlgorithm |= reader.ValueTextEquals("alg"u8);
                    isEncrypted |= reader.ValueTextEquals("enc"u8);
                }
            }
        }
        catch (JsonException)
        {
            return 0;
        }

        return hasAlgorithm ? isEncrypted ? 5 : 3 : 0;
    }
}
