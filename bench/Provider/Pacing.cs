using System.Globalization;

namespace Cencori.Edge.Bench.Provider;

/// <summary>The pace of a response, as set by its request.</summary>
/// <param name="FirstByte">Delay of the first byte of the response.</param>
/// <param name="Chunks">Number of chunks of a stream.</param>
/// <param name="Rate">Chunks per second; 0: all at once.</param>
internal readonly record struct Pacing(TimeSpan FirstByte, int Chunks, double Rate)
{
    private const int DefaultChunks = 20;

    public static Pacing Read(string userAgent) => new(
        TimeSpan.FromMilliseconds(Number(userAgent, "first=") ?? 0),
        (int)(Number(userAgent, "chunks=") ?? DefaultChunks),
        Number(userAgent, "rate=") ?? 0);

    private static double? Number(string text, string name)
    {
        var at = text.IndexOf(name, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var value = text.AsSpan(at + name.Length);
        var end = value.IndexOf(' ');
        return double.Parse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture);
    }
}
