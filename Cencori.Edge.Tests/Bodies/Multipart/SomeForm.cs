using System.Text;
using Cencori.Edge.Bodies.Multipart;
using Cencori.Edge.Bodies.Splicing;

namespace Cencori.Edge.Tests.Bodies.Multipart;

/// <summary>Forms as clients write them, and helpers that read them.</summary>
internal static class SomeForm
{
    public const string Boundary = "edge-boundary";

    public static readonly string FilePart = Part("name=\"file\"; filename=\"ä b.mp3\"\r\nContent-Type: audio/mpeg", LookAlikes);

    public static string LookAlikes =>
        $"ID3\r\n--edge-boundar\r\n\r--{Boundary}\r\n\n--{Boundary}--\r\n --{Boundary}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ndecoy\r\n-{Boundary}--{Boundary}\r\n\r\r\n";

    public static string Disposition(string parameters) => $"Content-Disposition: form-data; {parameters}";

    public static string Part(string header, string content) => $"--{Boundary}\r\n{Disposition(header)}\r\n\r\n{content}\r\n";

    public static string Form(params string[] parts) => $"{string.Concat(parts)}--{Boundary}--\r\n";

    public static Task<MultipartRead> ReadAsync(byte[] form, int[] pieces) =>
        MultipartModelReader.ReadAsync(new PiecewiseStream(form, pieces), Boundary, 1_000_000, default).AsTask();

    public static async Task<MultipartPrefix> ReadAsync(string form)
    {
        var read = await ReadAsync(Encoding.UTF8.GetBytes(form), [int.MaxValue]);
        Assert.Null(read.Problem);
        return read.Prefix!;
    }

    public static async Task<byte[]> AllAsync(MultipartPrefix prefix, bool copy, params Splice[] splices)
    {
        var all = new MemoryStream();
        var stream = prefix.OpenStream(splices);
        if (copy)
        {
            await stream.CopyToAsync(all);
            return all.ToArray();
        }

        var buffer = new byte[77];
        for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }
}
