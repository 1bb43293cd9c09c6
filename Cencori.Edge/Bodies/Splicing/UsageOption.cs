namespace Cencori.Edge.Bodies.Splicing;

/// <summary>How an attempt sends the request's <c>stream_options</c> to one provider.</summary>
public enum UsageOption
{
    /// <summary>Unchanged.</summary>
    AsSent,

    /// <summary>Changed to ask for usage in the stream.</summary>
    Requested,

    /// <summary>Removed, because the provider refuses them.</summary>
    Removed,
}
