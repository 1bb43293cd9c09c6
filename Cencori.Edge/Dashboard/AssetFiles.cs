using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Serves the style sheet, scripts and icon from the assembly. Their URLs contain a hash over all files, so browsers may cache them forever,
/// and scripts import each other by relative paths. Each file is compressed once, on its first request.
/// </summary>
internal sealed class AssetFiles
{
    private const string Prefix = "dashboard/";

    private readonly ConcurrentDictionary<(string Name, bool IsCompressed), byte[]> _files = new();
    private readonly Lazy<string> _base = new(() => $"{DashboardOptions.Path}/assets/{HashOfAll()}");

    /// <summary>The URL path of the files, with the hash of this version.</summary>
    public string Base => _base.Value;

    public async Task SendAsync(HttpContext context, string hash, string name)
    {
        var isCompressed = context.Request.Headers.AcceptEncoding.Any(value => value?.Contains("br", StringComparison.Ordinal) == true);
        if (TypeOf(name) is not { } type || Find(name, isCompressed) is not { } bytes)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var response = context.Response;
        response.ContentType = type;
        response.ContentLength = bytes.Length;
        response.Headers.Vary = "Accept-Encoding";

        // A URL with the hash of another version gets this version's content, so that response must not be cached.
        response.Headers.CacheControl = Base.EndsWith(hash, StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-store";
        if (isCompressed)
        {
            response.Headers.ContentEncoding = "br";
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
        }
    }

    // Names without a file are not kept in the dictionary: callers could request any number of them.
    private byte[]? Find(string name, bool isCompressed)
    {
        if (!_files.TryGetValue((name, isCompressed), out var bytes) && (bytes = Read((name, isCompressed))) is not null)
        {
            _files[(name, isCompressed)] = bytes;
        }

        return bytes;
    }

    private static string? TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => null,
    };

    private static byte[]? Read((string Name, bool IsCompressed) file)
    {
        using var resource = typeof(AssetFiles).Assembly.GetManifestResourceStream(Prefix + file.Name);
        if (resource is null)
        {
            return null;
        }

        using var bytes = new MemoryStream();
        if (file.IsCompressed)
        {
            using var compressing = new BrotliStream(bytes, CompressionLevel.Optimal, leaveOpen: true);
            resource.CopyTo(compressing);
        }
        else
        {
            resource.CopyTo(bytes);
        }

        return bytes.ToArray();
    }

    private static string HashOfAll()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in typeof(AssetFiles).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Read((name[Prefix.Length..], IsCompressed: false))!);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
