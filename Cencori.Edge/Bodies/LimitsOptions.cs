namespace Cencori.Edge.Bodies;

/// <summary>Bounds on what the edge takes in. Section <c>Limits</c>.</summary>
public sealed class LimitsOptions
{
    public const string Section = "Limits";

    /// <summary>Largest request body, in bytes, also after what it is encoded in is taken off; a larger one is answered 413. Default 32 MiB.</summary>
    public long MaxRequestBodyBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>The same for publishable keys, which everybody can read in a page. Never more than <see cref="MaxRequestBodyBytes"/>. Default 1 MiB.</summary>
    public long MaxPublishableBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Bytes of bodies that the edge holds at a time; what comes beyond is answered 503. Default null: a quarter of the memory that the
    /// process may have, and room for one body of the largest size in any case.
    /// </summary>
    public long? BufferedBytes { get; set; }

    /// <summary>How many of them one project may have. Default null: half, and room for one body of the largest size in any case.</summary>
    public long? BufferedBytesPerProject { get; set; }

    /// <summary>How long the edge waits for the bytes of one body, all pauses together; then it answers 408. Default 2 minutes.</summary>
    public TimeSpan RequestBodyTimeout { get; set; } = TimeSpan.FromMinutes(2);

    internal bool HasRoom => BufferedBytes is not { } all || (all > MaxRequestBodyBytes && !(BufferedBytesPerProject > all));

    internal bool HasRoomPerProject => BufferedBytesPerProject is not { } share || share > MaxRequestBodyBytes;
}
