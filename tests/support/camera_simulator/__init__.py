"""RTSP cameras that are made of clips, and misbehave when they are told to.

::

    from tests.support.camera_simulator.simulator import simulator

    with simulator() as sim:                       # one port of 127.0.0.1, a thread with a loop of its own
        cam = sim.camera("front", clip)            # an MP4 file (H.264 or H.265); it is played in a loop
        cam.url                                    # rtsp://127.0.0.1:PORT/front
        cam.stall(), cam.resume()                  # the connection stays, nothing is sent
        cam.refuse(), cam.accept()                 # connections are reset at their first request, or accepted
        cam.unplug(), cam.plug()                   # the same, and what is connected is reset at once
        cam.cut(), cam.end_stream()                # once: reset the connections (RST), close them (FIN)
        cam.hang(Hang.BEFORE_PLAY), cam.hang(None) # a request is never answered; see ``faults.Hang``
        cam.answer(503), cam.answer(None)          # answer with an error (401, 404, 453, 503 …), or as usual
        cam.drop_keyframes(), cam.drop_keyframes(False)
        cam.drop_pictures(), cam.drop_pictures(False)  # sound goes on, where there is any
        cam.mute(), cam.mute(False)                # no packet of sound is sent
        cam.flip_bits(0.05), cam.lose_packets(0.05)    # share of the RTP packets, 0 to 1
        cam.jump_timestamps(-3600.0), cam.repeat_timestamps(), cam.repeat_timestamps(False)
        cam.change_clip(other)                     # resolution or codec change in the midst of the stream
        cam.send_broken_nal_units(10_000)          # so many a second, beside the pictures; 0 ends it
        cam.mutate(packets=change, answers=None)   # bytes → bytes, for every packet, for every answer
        cam.mutate_sound(change)                   # the same for the payloads of sound
        cam.describe_as(sdp)                       # these bytes instead of the true description; None ends it

        sim.close_port(), sim.open_port()          # nobody listens (connections are refused by the kernel)
        cam.wait(lambda c: c.seen.teardowns == 1)  # until that holds; AssertionError after 10 s

    sim.camera("door", clip, user="root", password="…")     # digest authentication
    sim.camera("yard", clip, first_timestamp=NEAR_THE_WRAP) # RTP's 32 bits wrap after five seconds
    sim.camera("bell", clip, sound="aac")                   # with a microphone; see ``sound.SoundClip``
    sim.camera("gate", clip, one_session=True, session_timeout_s=5.0)   # others are answered 453

    sim.timecode_camera("clock")                            # encodes the wall time into pictures as it goes

``cam.seen`` counts what happened: ``attempts`` (monotonic seconds of each connection that asked for this
camera), ``requests`` (by method), ``teardowns``, ``sessions`` (playing now), ``pictures``, ``packets``,
``bytes``, ``dropped`` (pictures that a client was too slow for). A clip is packetised once and shared by all
cameras that play it.

In a process of its own: ``python -m tests.support.camera_simulator --cameras 8 clip.mp4`` prints one address
a line and then ``ready``; it takes orders on its standard input and ends with it (see ``__main__``). For
tests and benchmarks ``process.simulator_process`` starts it.

A client chooses TCP or UDP at SETUP, as with a real camera. Nightjar asks for TCP, and for UDP where it is
answered 461: ``udp_only=True`` makes a camera do so.
"""
