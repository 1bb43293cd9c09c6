namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>Holds back the parts of a provider's response that must not reach the caller yet.</summary>
public interface IResponseHolder
{
    /// <param name="response">The response as the caller would read it.</param>
    /// <param name="isEventStream">False: the response is one document.</param>
    /// <returns>The stream that the caller reads instead.</returns>
    Stream Hold(Stream response, bool isEventStream);

    /// <summary>True: this stage stores the payload, as the caller reads it. Default false: the payload is stored as the provider sends it.</summary>
    bool KeepsPayload => false;

    /// <summary>True: the provider's response may have ended, but this stage still has to evaluate a part before the caller reads it. Default false.</summary>
    bool HasMore => false;
}
