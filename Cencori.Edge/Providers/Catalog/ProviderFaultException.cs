namespace Cencori.Edge.Providers.Catalog;

/// <summary>A fault in yarp.json, as a sentence that names the place. The message is public: it shows no secret and no host.</summary>
public sealed class ProviderFaultException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The messages of the exception and of its inner exceptions, in one line.</summary>
    /// <param name="exception">Why the configuration was rejected.</param>
    /// <param name="forAnybody">True: leaves out messages that are not the edge's own, because they could show secrets or hosts.</param>
    public static string Explain(Exception exception, bool forAnybody = false)
    {
        var sentences = Flat(exception).Where(one => !forAnybody || one is ProviderFaultException).Select(one => one.Message.ReplaceLineEndings(" ")).Distinct().ToList();
        return sentences.Count > 0 ? string.Join(' ', sentences) : "The log says why.";
    }

    private static IEnumerable<Exception> Flat(Exception exception) => exception switch
    {
        ProviderFaultException => [exception],
        AggregateException many => many.InnerExceptions.SelectMany(Flat),
        { InnerException: { } inner } => Flat(inner),
        _ => [exception],
    };
}
