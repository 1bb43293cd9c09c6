using System.Text;

namespace Cencori.Edge.Bench.Loads;

/// <summary>The request bodies.</summary>
internal static class Bodies
{
    private const string System = "You are a helpful assistant that answers briefly and to the point, in the language of the question.";

    /// <summary>About 300 B.</summary>
    public static byte[] Small { get; } = Chat("Hello! What can you do for me today? I would like to know that before I ask.");

    /// <summary>About 8 KB.</summary>
    public static byte[] Long { get; } = Chat(string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog. ", 175)));

    /// <summary>About 1 MB, nearly all of it an image.</summary>
    public static byte[] Image { get; } = Encoding.UTF8.GetBytes($$$"""{"model":"gpt-4o","max_tokens":100,"messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Convert.ToBase64String(Pixels())}}}"}}]}]}""");

    public static byte[] Stream { get; } = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Small).Replace("\"max_tokens\"", "\"stream\":true,\"max_tokens\"", StringComparison.Ordinal));

    private static byte[] Chat(string question) =>
        Encoding.UTF8.GetBytes($$"""{"model":"gpt-4o","max_tokens":100,"messages":[{"role":"system","content":"{{System}}"},{"role":"user","content":"{{question}}"}]}""");

    private static byte[] Pixels()
    {
        var pixels = new byte[768 * 1024];
        new Random(1).NextBytes(pixels);
        return pixels;
    }
}
