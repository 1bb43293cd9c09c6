using System.IO.Compression;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Metadata of a page that may be compressed: a long list that shows no secret. The length of a compressed page tells who can count its bytes how alike its parts
/// are, and who can also choose one part finds another by that. So nothing is compressed that another site has asked the browser for, with words of its
/// choice in the address; and the form token, which is the only secret of the page, is another one in each answer.
/// </summary>
internal sealed class PageCompression
{
    private const int Least = 4_096;

    /// <summary>The body as this request takes it, with the headers that say so.</summary>
    public static byte[] Apply(HttpContext context, byte[] body)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<PageCompression>() is null)
        {
            return body;
        }

        context.Response.Headers.Vary = "Accept-Encoding, Sec-Fetch-Site";
        if (body.Length < Least || !IsOwn(context.Request) || !context.Request.Headers.AcceptEncoding.Any(value => value?.Contains("gzip", StringComparison.OrdinalIgnoreCase) == true))
        {
            return body;
        }

        using var bytes = new MemoryStream(body.Length / 4);
        using (var zip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(body);
        }

        context.Response.Headers.ContentEncoding = "gzip";
        return bytes.ToArray();
    }

    // Of a page of ours, or of the person.
    private static bool IsOwn(HttpRequest request) => request.Headers["Sec-Fetch-Site"] is ["same-origin" or "none"];
}
