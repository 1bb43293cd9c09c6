namespace Cencori.Edge.Bodies.Buffers;

/// <summary>Limits on request bodies. Section <c>Limits</c>.</summary>
public sealed class LimitsOptions
{
    public const string Section = "Limits";

    /// <summary>Largest request body in bytes, before and after decoding. Larger bodies get a 413. Default 32 MiB.</summary>
    public long MaxRequestBodyBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// Largest request body, in bytes, with a publishable key, which anybody can read in a page. Never more than <see cref="MaxRequestBodyBytes"/>.
    /// Default 1 MiB.
    /// </summary>
    public long MaxPublishableBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Maximum number of body bytes that the edge buffers at one time. A request that needs more gets a 503. Default null: a quarter of the memory available to
    /// the process, but at least room for one body of the largest size.
    /// </summary>
    public long? BufferedBytes { get; set; }

    /// <summary>Part of <see cref="BufferedBytes"/> that one project may use. Default null: half, but at least room for one body of the largest size.</summary>
    public long? BufferedBytesPerProject { get; set; }

    /// <summary>How long the edge waits for the bytes of one body, all waits added up. After that time the edge responds with 408. Default 2 minutes.</summary>
    public TimeSpan RequestBodyTimeout { get; set; } = TimeSpan.FromMinutes(2);

    internal bool IsBufferLargeEnough => BufferedBytes is not { } all || (all > MaxRequestBodyBytes && !(BufferedBytesPerProject > all));

    internal bool IsProjectShareLargeEnough => BufferedBytesPerProject is not { } share || share > MaxRequestBodyBytes;
}
