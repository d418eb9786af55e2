# What the project needs of a system. Codespaces builds only this part (.devcontainer).
FROM golang:1.26.8-bookworm AS system
RUN apt-get update && apt-get install -y --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*
ARG NB_USER=jovyan
ARG NB_UID=1000
RUN useradd --create-home --shell /bin/bash --uid "$NB_UID" "$NB_USER" && install -d -o "$NB_USER" "/home/$NB_USER/fashionlatent"
ENV HOME=/home/$NB_USER
USER $NB_USER

# The project, set up. Binder starts its JupyterLab with arguments of its own in place of CMD.
FROM system
ARG NB_USER=jovyan
WORKDIR /home/$NB_USER/fashionlatent
COPY --chown=$NB_USER . .
RUN make setup && rm -rf "$HOME/.cache/pip"
ENV PATH=/home/$NB_USER/fashionlatent/.venv/bin:$PATH
EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser"]
