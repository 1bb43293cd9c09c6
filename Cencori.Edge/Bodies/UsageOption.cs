namespace Cencori.Edge.Bodies;

/// <summary>What becomes of a request's <c>stream_options</c> for one provider.</summary>
public enum UsageOption
{
    /// <summary>They stay as they came.</summary>
    AsSent,

    /// <summary>They ask for the usage of a stream.</summary>
    Asked,

    /// <summary>The provider refuses them, and gets none.</summary>
    Refused,
}
