using System.IO.Pipelines;

namespace Cencori.Edge.Bench.Provider;

/// <summary>What a chat request asks for, found by a simple text search.</summary>
internal static class Asked
{
    public static async ValueTask<(bool IsStream, bool AsksForUsage)> ReadAsync(PipeReader body)
    {
        var isStream = false;
        var asksForUsage = false;
        while (true)
        {
            var read = await body.ReadAsync();
            foreach (var part in read.Buffer)
            {
                isStream |= part.Span.IndexOf("\"stream\":true"u8) >= 0;
                asksForUsage |= part.Span.IndexOf("\"include_usage\":true"u8) >= 0;
            }

            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return (isStream, asksForUsage);
            }
        }
    }
}
