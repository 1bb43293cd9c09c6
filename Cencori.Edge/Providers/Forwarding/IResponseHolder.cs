namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Holds back the parts of a provider's response that must not reach the caller yet.</summary>
public interface IResponseHolder
{
    /// <param name="response">The response as the caller would read it.</param>
    /// <param name="isEventStream">False: the response is one document.</param>
    /// <returns>The stream that the caller reads instead.</returns>
    Stream Hold(Stream response, bool isEventStream);

    /// <summary>True: it stores the payload for the project as the caller reads it. Default false: others store it as the provider sends it.</summary>
    bool KeepsPayload => false;

    /// <summary>The provider may have ended, but there are still results to find in the response before the caller reads it.</summary>
    bool HasMore => false;
}
